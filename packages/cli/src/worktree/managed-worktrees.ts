import fs from "node:fs";
import path from "node:path";
import { findGit, type GitOutcome, linkWorktree, openGit, unlinkWorktree } from "@quire/git";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { worktreesFolder } from "./worktrees-folder.ts";

/** A checkout that was made for one thread. */
export interface ManagedWorktree {
  path: string;
  /** The checkout it was made from. */
  repository: string;
  /** The thread that works there; null when it never came to one. */
  thread: string | null;
}

/** What removing it would lose. */
export interface WorktreeState {
  /** Files with changes that are not committed, new ones included. */
  changed: number;
  /** Whether commits were made that no branch or tag leads to. */
  loseCommits: boolean;
  commit: string | null;
  branch: string | null;
}

const NoteSchema = z.object({ repository: z.string(), thread: z.nullable(z.string()) });

/**
 * Makes a checkout of HEAD of the repository around `cwd`, on no branch, and returns the folder in it that corresponds
 * to `cwd`. Fails with `not_a_repository`, or with what git says.
 */
export async function createWorktree(system: System, home: string, cwd: string) {
  const repository = findGitRoot(cwd);
  if (repository === null) {
    throw new CodedError(
      "not_a_repository",
      `${cwd} is not inside a git repository, so there is nothing to check out`,
      {
        nextStep: "Go to a repository, or give its directory with -C.",
      },
    );
  }
  const folder = path.join(worktreesFolder(home), path.basename(repository));
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date(system.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
  const name = `${stamp}-${Buffer.from(system.randomBytes(2)).toString("hex")}`;
  const worktree: ManagedWorktree = {
    path: path.join(fs.realpathSync(folder), name),
    repository,
    thread: null,
  };
  demand(await linkWorktree(setupFor(system, repository), worktree.path));
  writeNote(worktree);
  const git = await openCheckout(system, home, worktree.path);
  try {
    demand(await git.restoreHead());
  } finally {
    git.close();
  }
  const inside = path.join(worktree.path, path.relative(repository, cwd));
  return { worktree, cwd: fs.existsSync(inside) ? inside : worktree.path };
}

/** Notes whose checkout it is, once that is known. */
export function assignThread(worktree: ManagedWorktree, thread: string): void {
  writeNote({ ...worktree, thread });
}

/** All of a home, oldest first. */
export function listManaged(home: string): ManagedWorktree[] {
  const root = worktreesFolder(home);
  return foldersIn(root).flatMap((repository) =>
    foldersIn(path.join(root, repository)).map((name) => readNote(path.join(root, repository, name))),
  );
}

export async function stateOf(
  system: System,
  home: string,
  worktree: ManagedWorktree,
): Promise<WorktreeState> {
  const git = await openCheckout(system, home, worktree.path);
  try {
    const { branch, entries } = demand(await git.status());
    const referenced = demand(await git.isHeadReferenced());
    return { changed: entries.length, loseCommits: !referenced, commit: branch.commit, branch: branch.name };
  } finally {
    git.close();
  }
}

/** Removes it with everything in it. */
export async function removeManaged(system: System, worktree: ManagedWorktree): Promise<void> {
  demand(await unlinkWorktree(setupFor(system, worktree.path)));
  fs.rmSync(noteFile(worktree.path), { force: true });
}

function setupFor(system: System, root: string) {
  const gitProgram = findGit(system.env.PATH, [root]);
  if (gitProgram !== undefined) return { root, gitProgram, env: system.env };
  throw new CodedError("not_a_repository", "git is not installed, so no worktrees can be made or removed", {
    nextStep: "Install git.",
  });
}

async function openCheckout(system: System, home: string, root: string) {
  const opened = await openGit({ ...setupFor(system, root), scratchParent: path.join(home, "tmp") });
  if (opened.kind === "opened") return opened.git;
  throw new CodedError("not_a_repository", opened.message, {
    nextStep: `Repair it with git worktree repair, or remove the folder ${root}.`,
  });
}

function demand<Value>(outcome: GitOutcome<Value>): Value {
  if (outcome.kind === "ok") return outcome.value;
  throw new CodedError("usage_invalid", outcome.message, { nextStep: "See: quire worktree --help" });
}

function noteFile(worktree: string): string {
  return `${worktree}.json`;
}

function writeNote({ path: folder, ...note }: ManagedWorktree): void {
  fs.writeFileSync(noteFile(folder), `${JSON.stringify(note)}\n`, { mode: 0o600 });
}

function readNote(folder: string): ManagedWorktree {
  try {
    return { path: folder, ...NoteSchema.parse(JSON.parse(fs.readFileSync(noteFile(folder), "utf8"))) };
  } catch {
    // Its note is gone or broken; the checkout itself says all that removing needs.
    return { path: folder, repository: "", thread: null };
  }
}

function foldersIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    // None was made yet.
    return [];
  }
}
