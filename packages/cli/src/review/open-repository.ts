import path from "node:path";
import { findGit, type Git, type GitOutcome, openGit } from "@quire/git";
import { CodedError } from "@quire/protocol";
import type { Workspace } from "../session/workspace.ts";
import type { System } from "../system.ts";

/** Opens the checkout of a run for reading. Fails with `not_a_repository` or `internal`; close it after use. */
export async function openRepository(
  workspace: Pick<Workspace, "gitRoot" | "cwd">,
  system: System,
  home: string,
): Promise<Git> {
  if (workspace.gitRoot === null) {
    throw new CodedError("not_a_repository", `${workspace.cwd} is not inside a git repository`, {
      nextStep: "Go to a repository, or give its directory with -C.",
    });
  }
  const gitProgram = findGit(system.env.PATH, [workspace.gitRoot]);
  if (gitProgram === undefined) {
    throw new CodedError("not_a_repository", "git is not installed, so no changes can be looked at", {
      nextStep: "Install git.",
    });
  }
  const opened = await openGit({
    root: workspace.gitRoot,
    gitProgram,
    env: system.env,
    scratchParent: path.join(home, "tmp"),
  });
  if (opened.kind === "opened") return opened.git;
  throw new CodedError("not_a_repository", opened.message);
}

/** The answer, or an error that says what git said. */
export function answerOf<Value>(outcome: GitOutcome<Value>): Value {
  if (outcome.kind === "ok") return outcome.value;
  throw new CodedError("usage_invalid", outcome.message, { nextStep: "See: quire review --help" });
}
