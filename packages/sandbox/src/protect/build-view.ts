import { readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxDeps } from "../deps.ts";
import { DEFAULT_PROTECTED_NAMES, type SandboxPolicy } from "../policy.ts";
import { canonicalPath, entryAt, foldersBetween, outermost } from "./paths.ts";
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
): WorkspaceView {
  const names = policy.protectedNames ?? DEFAULT_PROTECTED_NAMES;
  const readOnly = new Set<string>(scan.bareRepositories);
  const missing = new Set<string>();
  const links: ProtectedLink[] = [];
  const inRoots = (path: string): boolean => roots.some((root) => isWithin(path, root));

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

  for (const path of scan.protectedPaths) {
    if (!isRootEntry(path, roots) || !isEmptyFolder(path)) protect(path);
  }
  for (const root of roots) {
    for (const name of names) {
      const path = join(root, name);
      // An empty folder may be another command's cover, which that command will remove: cover it as well.
      if (entryAt(path) === undefined || isEmptyFolder(path)) missing.add(path);
    }
  }
  const hidden = hiddenPaths(policy, deps, scan.environmentFiles);
  const covered = outermost(readOnly);
  return {
    writable: roots,
    // A secret's folder as well: while it is renamed, a cover meant for the secret would miss it.
    pinned: pinned(roots, [...covered, ...missing, ...hidden.files, ...hidden.folders]),
    readOnly: covered,
    missing: [...missing].sort(),
    hiddenFolders: hidden.folders,
    hiddenFiles: hidden.files,
    links,
  };
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

function pinned(roots: readonly string[], protectedPaths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of protectedPaths) {
    const root = roots.find((candidate) => isWithin(path, candidate));
    if (root !== undefined) for (const folder of foldersBetween(root, path)) folders.add(folder);
  }
  const covered = new Set(protectedPaths);
  // Binding a folder below a read-only one would make it writable again.
  return [...folders]
    .filter((folder) => !covered.has(folder) && ![...covered].some((path) => isWithin(folder, path)))
    .sort();
}
