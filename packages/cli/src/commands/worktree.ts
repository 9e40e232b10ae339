import path from "node:path";
import { resolveHome } from "@quire/config";
import { CodedError, errorInfoOf, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";
import {
  listManaged,
  type ManagedWorktree,
  removeManaged,
  stateOf,
  type WorktreeState,
} from "../worktree/managed-worktrees.ts";

const HELP = `Look at the checkouts that quire exec --worktree made, and remove them.

Usage: quire worktree list [--json]
       quire worktree remove WORKTREE… [--force]

WORKTREE is a path, the last part of one, or the id of its thread. A worktree with changes that are not committed, or
with commits that no branch leads to, is only removed with --force.
`;

/** `quire worktree`. */
export async function runWorktree(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("worktree", argv, {
    json: { type: "boolean" },
    force: { type: "boolean", short: "f" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const [action, ...words] = positionals;
  if (action === "list" && words.length === 0) return list(home, values.json ?? false, system);
  if (action !== "remove") throw wrongUse("worktree", "say list, or remove and which");
  if (words.length === 0) throw wrongUse("worktree", "quire worktree remove needs a worktree");
  for (const word of words) {
    const worktree = worktreeNamed(word, home, system);
    if (!values.force) await refuseLoss(worktree, home, system);
    await removeManaged(system, worktree);
    system.stdout.write(`${worktree.path} removed\n`);
  }
  return EXIT.done;
}

async function list(home: string, json: boolean, system: System): Promise<number> {
  const rows = [];
  for (const worktree of listManaged(home)) {
    const state = await stateOf(system, home, worktree).catch((thrown: unknown) => errorInfoOf(thrown));
    rows.push({ ...worktree, ...("code" in state ? { error: state } : state) });
  }
  if (json) {
    system.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return EXIT.done;
  }
  for (const row of rows) {
    const what = "error" in row ? `${row.error.message} [${row.error.code}]` : stateText(row);
    const thread = row.thread === null ? "no thread" : `thread ${row.thread}`;
    system.stdout.write(`${visibleLine(row.path)}\n  ${thread}, ${visibleLine(what)}\n`);
  }
  if (rows.length === 0) system.stdout.write("There are no worktrees. quire exec --worktree makes one.\n");
  return EXIT.done;
}

function stateText({ changed, loseCommits, commit, branch }: WorktreeState): string {
  const at = branch === null ? `at ${commit?.slice(0, 12) ?? "no commit"}` : `on ${branch}`;
  const changes = changed === 0 ? "no changes" : `${changed} changed ${changed === 1 ? "file" : "files"}`;
  return `${at}, ${changes}${loseCommits ? ", commits on no branch" : ""}`;
}

function worktreeNamed(word: string, home: string, system: System): ManagedWorktree {
  const all = listManaged(home);
  const wanted = path.resolve(system.cwd, word);
  const [only, second] = all.filter(
    (one) => one.path === wanted || path.basename(one.path) === word || one.thread === word,
  );
  if (only && !second) return only;
  const known = all.map((one) => path.basename(one.path)).join(", ");
  throw new CodedError("usage_invalid", `there is no one worktree ${JSON.stringify(word)}`, {
    nextStep: known === "" ? "None was made yet." : `Known: ${known}. See: quire worktree list`,
  });
}

async function refuseLoss(worktree: ManagedWorktree, home: string, system: System): Promise<void> {
  const state = await stateOf(system, home, worktree);
  if (state.changed === 0 && !state.loseCommits) return;
  throw new CodedError("usage_invalid", `${worktree.path} is not removed: ${stateText(state)}`, {
    nextStep: "Commit to a branch or take the changes over first, or give them up with --force.",
  });
}
