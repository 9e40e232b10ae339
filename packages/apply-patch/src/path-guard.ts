import * as path from "node:path";
import { errorCode, type FileStat, nodePatchFs, type PatchFs } from "./file-system.ts";
import { isProtectedName } from "./protected-names.ts";

/** `write` also covers reading and follows a link in the last part of the path; `delete` is about the link itself. */
export type PathIntent = "write" | "delete";

/** An accepted path is absolute and none of its folders is a link. */
export type PathDecision =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

/** Decides which files a patch may touch. `absolute` is resolved against the working folder, `..` removed. */
export type PathGuard = (absolute: string, intent: PathIntent) => PathDecision;

export interface PathGuardOptions {
  /** Usually the workspace. Links in the path of a root are resolved once, when it is first needed. */
  readonly root: string;
  /** More folders that may be written. One that does not exist yet is ignored until it does. */
  readonly writableRoots?: readonly string[];
  /** File and folder names that are refused at any depth below a root; default `.git`. */
  readonly protectedNames?: readonly string[];
  readonly fs?: PatchFs;
}

const MAX_LINKS = 40;

/**
 * Accepts paths within the roots and refuses the rest: outside of the roots, also by way of a link; protected names
 * under any spelling that some file system reads as the same name; devices, FIFOs and sockets; NUL characters.
 */
export function createPathGuard(options: PathGuardOptions): PathGuard {
  const fs = options.fs ?? nodePatchFs;
  const protectedNames = options.protectedNames ?? [".git"];
  const roots = [options.root, ...(options.writableRoots ?? [])].map((root) => path.resolve(root));
  const check = (file: string, bases: readonly string[]): string | undefined => {
    const around = bases.filter((candidate) => isWithin(file, candidate));
    const base = around.sort((a, b) => b.length - a.length)[0];
    if (base === undefined) return `it is outside of ${roots.join(", ")}`;
    const names = path.relative(base, file).split(path.sep);
    const name = names.find((candidate) => isProtectedName(candidate, protectedNames));
    return name === undefined ? undefined : `'${name}' is a protected name`;
  };
  const realRoots = new Map<string, string>();
  const known = (root: string): string[] => {
    const real = realRoots.get(root) ?? existingPath(fs, root);
    if (real !== undefined) realRoots.set(root, real);
    return real === undefined ? [] : [real];
  };
  return (absolute, intent) => {
    if (absolute.includes("\0")) return { ok: false, reason: "it contains a NUL character" };
    const place = locate(fs, path.resolve(absolute), intent);
    if (place === undefined) return { ok: false, reason: "it leads through too many links" };
    if (place.kind === "other") return { ok: false, reason: "it is a device, FIFO or socket" };
    const asWritten = roots.some((root) => isWithin(absolute, root)) ? check(absolute, roots) : undefined;
    const reason = asWritten ?? check(place.path, roots.flatMap(known));
    return reason === undefined ? { ok: true, path: place.path } : { ok: false, reason };
  };
}

interface Place {
  readonly path: string;
  readonly kind: FileStat["kind"] | undefined;
}

function locate(fs: PatchFs, absolute: string, intent: PathIntent): Place | undefined {
  const folder = existingPath(fs, path.dirname(absolute));
  if (folder !== undefined) {
    const direct = path.join(folder, path.basename(absolute));
    const kind = fs.lstat(direct)?.kind;
    if (kind !== "symlink" || intent === "delete") return { path: direct, kind };
  }
  const real = physicalPath(fs, absolute, intent === "write");
  return real === undefined ? undefined : { path: real, kind: fs.lstat(real)?.kind };
}

function existingPath(fs: PatchFs, absolute: string): string | undefined {
  try {
    return fs.realpath(absolute);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}

/** Compares whole names, so that /work2 is not within /work. */
function isWithin(file: string, root: string): boolean {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}

/**
 * The path without links. Parts that do not exist are kept as they are. Undefined when links go round in circles.
 */
function physicalPath(fs: PatchFs, absolute: string, followLast: boolean): string | undefined {
  let done = path.parse(absolute).root;
  const todo = absolute.slice(done.length).split(path.sep).filter(Boolean).reverse();
  let links = 0;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === "." || name === "") continue;
    if (name === "..") {
      done = path.dirname(done);
      continue;
    }
    const next = path.join(done, name);
    const isLink = (followLast || todo.length > 0) && fs.lstat(next)?.kind === "symlink";
    if (!isLink) {
      done = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return undefined;
    const target = fs.readlink(next);
    if (path.isAbsolute(target)) done = path.parse(target).root;
    todo.push(...target.split(path.sep).reverse());
  }
  return done;
}
