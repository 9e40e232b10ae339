import path from "node:path";
import { locateRepository } from "@quire/git";
import { findGitRoot } from "../session/workspace.ts";

/**
 * The folder whose memories a thread in `cwd` has: its repository, which all worktrees of it share, else `cwd` itself. A
 * `.git` file can point anywhere, so a checkout has those of a repository only if that one names it as its own.
 */
export function memoryRoot(cwd: string): string {
  const root = findGitRoot(cwd);
  if (root === null) return cwd;
  const place = locateRepository(root);
  const isWorktree = place?.mutual && place.commonDir !== place.gitDir;
  return isWorktree && path.basename(place.commonDir) === ".git" ? path.dirname(place.commonDir) : root;
}
