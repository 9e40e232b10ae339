import fs from "node:fs";
import path from "node:path";
import { findGitRoot } from "../session/workspace.ts";

/** The folder whose memories a thread in `cwd` has: its repository, which all worktrees of it share, else `cwd` itself. */
export function memoryRoot(cwd: string): string {
  const root = findGitRoot(cwd);
  if (root === null) return cwd;
  const dotGit = path.join(root, ".git");
  try {
    if (!fs.statSync(dotGit).isFile()) return root;
    const [, folder] = /^gitdir: (.+)$/m.exec(fs.readFileSync(dotGit, "utf8")) ?? [];
    const shared = /^(.*)\/\.git\/worktrees\/[^/]+\/?$/.exec(path.resolve(root, folder ?? ""))?.[1];
    return shared ?? root;
  } catch {
    // Unreadable: then it is a project by itself.
    return root;
  }
}
