import type { ReviewTarget } from "@quire/protocol/app-server";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { commitOf, mergeBaseWith } from "./gather-diff.ts";
import { openRepository } from "./open-repository.ts";

/**
 * Fails with `not_a_repository` or `usage_invalid` when there is nothing like the target to look at. To be asked before a
 * thread is made for the review, which would stay behind, empty.
 */
export async function requireTarget(
  target: ReviewTarget,
  { cwd, system, home }: { cwd: string; system: System; home: string },
): Promise<void> {
  const git = await openRepository({ gitRoot: findGitRoot(cwd), cwd }, system, home);
  try {
    if (target.type === "baseBranch") await mergeBaseWith(git, target.branch);
    if (target.type === "commit") await commitOf(git, target.sha);
  } finally {
    git.close();
  }
}
