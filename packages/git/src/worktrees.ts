import { gitRunner } from "./git-command.ts";
import { configReadingEnvironment } from "./hardening.ts";
import type { GitSetup } from "./open-git.ts";
import { failure, type GitOutcome, mapOutcome } from "./outcome.ts";
import { locateRepository, type RepositoryLocation } from "./repository-location.ts";
import { runProcess } from "./run-process.ts";

/** The part of a setup that the commands of this file need. */
export type WorktreeSetup = Omit<GitSetup, "scratchParent">;

/**
 * Links a new, still empty checkout at `path` to the repository of `setup.root`, at its HEAD and on no branch; the folder
 * is made. Open it and call `restoreHead` to fill it: so no filter or hook of the repository runs at any time.
 */
export async function linkWorktree(setup: WorktreeSetup, path: string): Promise<GitOutcome<null>> {
  const location = writableLocation(setup.root);
  if ("kind" in location) return location;
  return runWorktree(setup, location, ["add", "--detach", "--no-checkout", "--quiet", "--", path, "HEAD"]);
}

/** Removes the linked checkout at `setup.root` with everything in it. Whoever calls has looked for changes. */
export async function unlinkWorktree(setup: WorktreeSetup): Promise<GitOutcome<null>> {
  const location = writableLocation(setup.root);
  if ("kind" in location) return location;
  if (location.gitDir === location.commonDir) {
    return failure(
      "bad-argument",
      `${location.root} is a repository of its own, not a worktree of another one`,
    );
  }
  // Without --force git would compare files, and that runs what the repository configures.
  return runWorktree(setup, location, ["remove", "--force", "--", location.root]);
}

function writableLocation(root: string): RepositoryLocation | (GitOutcome<never> & { kind: "failed" }) {
  const location = locateRepository(root);
  if (!location) return failure("bad-argument", `${root} is not the top folder of a git checkout`);
  if (location.mutual) return location;
  return failure(
    "bad-argument",
    `${root} points at a repository that does not name it; it is not written to. Run git worktree repair there.`,
  );
}

async function runWorktree(
  setup: WorktreeSetup,
  { commonDir }: RepositoryLocation,
  args: readonly string[],
): Promise<GitOutcome<null>> {
  const git = gitRunner({
    gitProgram: setup.gitProgram,
    cwd: commonDir,
    env: {
      ...configReadingEnvironment(setup, commonDir),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
    run: setup.run ?? runProcess,
  });
  const answer = await git({
    args: ["worktree", ...args],
    ...(setup.signal ? { signal: setup.signal } : {}),
  });
  return mapOutcome(answer, () => null);
}
