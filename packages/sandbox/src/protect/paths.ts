import { lstatSync, realpathSync, type Stats } from "node:fs";
import { join } from "node:path";
import { isWithin } from "@quire/protocol";

/** The path without symbolic links, or undefined when it does not exist or may not be looked at. */
export function canonicalPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    // Missing, a loop, or behind a folder we may not enter: for every caller the same as absent.
    return undefined;
  }
}

/** What is at the path itself, links not followed; undefined when absent or out of our sight. */
export function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // Behind a folder we may not enter, or below a file: a command of ours cannot reach it either.
    return undefined;
  }
}

/** Drops every path that lies below another one of the list; sorted, parents first. */
export function outermost(paths: Iterable<string>): string[] {
  const kept: string[] = [];
  for (const path of [...new Set(paths)].sort()) {
    if (!kept.some((folder) => isWithin(path, folder))) kept.push(path);
  }
  return kept;
}

/** The folders strictly between `folder` and `path`, outermost first. */
export function foldersBetween(folder: string, path: string): string[] {
  const segments = path.slice(folder.length + 1).split("/");
  const folders: string[] = [];
  let current = folder;
  for (const segment of segments.slice(0, -1)) {
    current = join(current, segment);
    folders.push(current);
  }
  return folders;
}
