import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { canonicalPath, entryAt } from "./paths.ts";

const MOST_BYTES = 4096;

/**
 * The folders a `.git` entry sends git to: the target of a worktree's or submodule's pointer file, and the common
 * folder named inside a repository folder. What decides git's hooks and configuration lies there.
 */
export function repositoryFolders(entry: string): string[] {
  if (basename(entry).toLowerCase() !== ".git") return [];
  const folder = entryAt(entry)?.isFile() ? pointedAt(entry, /^gitdir:\s*(.+?)\s*$/m) : canonicalPath(entry);
  if (folder === undefined) return [];
  const common = pointedAt(join(folder, "commondir"), /^(.+?)\s*$/m);
  return common === undefined ? [folder] : [folder, common];
}

function pointedAt(file: string, form: RegExp): string | undefined {
  const stats = entryAt(file);
  if (!stats?.isFile() || stats.size > MOST_BYTES) return undefined;
  const target = form.exec(readFileSync(file, "utf8"))?.[1];
  return target === undefined ? undefined : canonicalPath(resolve(dirname(file), target));
}
