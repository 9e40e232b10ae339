import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, relative } from "node:path";

const SYSTEM_FOLDERS = ["/usr/bin", "/usr/local/bin", "/bin", "/opt/homebrew/bin"];

/**
 * The absolute path of git: in the system's folders first, then on `path`, never below one of the `writable` folders,
 * where a command could have put a program of that name. Undefined when there is none.
 */
export function findGit(path: string | undefined, writable: readonly string[]): string | undefined {
  return findProgram("git", [...SYSTEM_FOLDERS, path ?? ""].join(delimiter), writable);
}

/**
 * The absolute path of the program `name` on `path`, never one that lies below one of the `writable` folders, nor a link
 * into one. Undefined when there is none. `name` is one word without a slash.
 */
export function findProgram(
  name: string,
  path: string | undefined,
  writable: readonly string[],
): string | undefined {
  const roots = writable.flatMap((root) => [root, realPath(root) ?? root]);
  const folders = (path ?? "").split(delimiter).filter(isAbsolute);
  return folders.map((folder) => join(folder, name)).find((candidate) => isTrusted(candidate, roots));
}

function isTrusted(candidate: string, roots: readonly string[]): boolean {
  const file = realPath(candidate);
  if (file === undefined) return false;
  if (roots.some((root) => isWithin(candidate, root) || isWithin(file, root))) return false;
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not for us to run; the next folder may have a usable one.
    return false;
  }
}

function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith("../") && !isAbsolute(way));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // Absent, or not ours to look at.
    return undefined;
  }
}
