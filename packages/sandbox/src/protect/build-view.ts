import { readdirSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxDeps } from "../deps.ts";
import { DEFAULT_PROTECTED_NAMES, type SandboxPolicy } from "../policy.ts";
import type { FileDemands } from "./file-rules.ts";
import { canonicalPath, entryAt, foldersBetween } from "./paths.ts";
import { repositoryFolders } from "./repository-pointers.ts";
import { hiddenPaths } from "./secrets.ts";
import type { ScanResult } from "./workspace-scan.ts";
import type { ProtectedLink, WorkspaceView } from "./workspace-view.ts";

/** Decides, from what is on disk now, which paths are writable, pinned, read-only, covered or hidden. */
export function buildView(
  policy: SandboxPolicy,
  deps: SandboxDeps,
  roots: readonly string[],
  scan: ScanResult,
  demands?: FileDemands,
): WorkspaceView {
  const names = policy.protectedNames ?? DEFAULT_PROTECTED_NAMES;
  const inRoots = (path: string): boolean => roots.some((root) => isWithin(path, root));
  const readOnly = new Set<string>(scan.bareRepositories.filter(inRoots));
  const missing = new Set<string>();
  const links: ProtectedLink[] = [];

  const protect = (path: string): void => {
    const stats = entryAt(path);
    if (stats === undefined) return;
    if (!stats.isSymbolicLink()) {
      readOnly.add(path);
    } else {
      links.push({ path, target: readlinkSync(path) });
      const target = canonicalPath(path);
      if (target !== undefined && inRoots(target) && !roots.includes(target)) readOnly.add(target);
    }
    for (const folder of repositoryFolders(path)) {
      if (inRoots(folder) && !roots.includes(folder)) readOnly.add(folder);
    }
  };

  for (const path of scan.protectedPaths.filter(inRoots)) {
    if (!isRootEntry(path, roots) || !isEmptyFolder(path)) protect(path);
  }
  for (const root of roots) {
    for (const name of names) {
      const path = join(root, name);
      // An empty folder may be another command's cover, which that command will remove: cover it as well.
      if (entryAt(path) === undefined || isEmptyFolder(path)) missing.add(path);
    }
  }
  // Whatever rules say, nothing is opened in there.
  const open = roots.filter((root) => ![...readOnly].some((path) => isWithin(root, path)));
  for (const [path, access] of demands?.rules.entries ?? []) {
    if (access === "write" || !inRoots(path)) continue;
    if (entryAt(path) !== undefined) readOnly.add(path);
    // What has not even a folder yet is looked at again when it has.
    else if (entryAt(dirname(path))?.isDirectory()) missing.add(path);
  }
  const layers = new Layers(open, readOnly);
  const hidden = hiddenPaths(policy, deps, scan.environmentFiles, demands);
  const covered = [...readOnly].filter((path) => layers.isWritableAbove(path)).sort();
  return {
    writable: open.filter((root) => !layers.isWritableAbove(root)),
    // A secret's folder as well: while it is renamed, a cover meant for the secret would miss it.
    pinned: layers.pinned([...covered, ...missing, ...hidden.files, ...hidden.folders]),
    readOnly: covered,
    missing: [...missing].filter((path) => layers.isWritableAbove(path)).sort(),
    hiddenFolders: hidden.folders,
    hiddenFiles: hidden.files,
    links,
  };
}

/** Writable and read-only folders inside one another: the nearest one around a path decides. */
class Layers {
  readonly #writable = new Map<string, boolean>();

  constructor(writable: Iterable<string>, readOnly: Iterable<string>) {
    for (const path of writable) this.#writable.set(path, true);
    for (const path of readOnly) this.#writable.set(path, false);
  }

  isWritableAbove(path: string): boolean {
    const folder = this.#around(path);
    return folder !== undefined && this.#writable.get(folder) === true;
  }

  /** The folders between each path and the writable one around it; below a read-only one it would open them. */
  pinned(paths: readonly string[]): string[] {
    const folders = new Set<string>();
    const ends = new Set(paths);
    for (const path of paths) {
      const root = this.#around(path);
      if (root === undefined || !this.#writable.get(root)) continue;
      for (const folder of foldersBetween(root, path)) folders.add(folder);
    }
    return [...folders].filter((folder) => !ends.has(folder)).sort();
  }

  #around(path: string): string | undefined {
    for (let here = dirname(path); ; here = dirname(here)) {
      if (this.#writable.has(here)) return here;
      if (here === dirname(here)) return undefined;
    }
  }
}

function isRootEntry(path: string, roots: readonly string[]): boolean {
  return roots.includes(path.slice(0, -basename(path).length - 1));
}

function isEmptyFolder(path: string): boolean {
  if (!entryAt(path)?.isDirectory()) return false;
  try {
    return readdirSync(path).length === 0;
  } catch {
    // One we cannot list is not one of our covers.
    return false;
  }
}
