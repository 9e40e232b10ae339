import type { GitOptions, RunGit } from "./git-command.ts";
import { failure, type GitOutcome, ok } from "./outcome.ts";

/** A letter as git prints it: `.` unchanged, M, T, A, D, R, C, U. */
export type ChangeLetter = string;

/** Paths are relative to the root, with forward slashes. */
export type StatusEntry =
  | {
      readonly kind: "changed";
      readonly path: string;
      readonly index: ChangeLetter;
      readonly worktree: ChangeLetter;
      readonly submodule: boolean;
    }
  | {
      readonly kind: "renamed" | "copied";
      readonly path: string;
      readonly from: string;
      /** Similarity in percent. */
      readonly score: number;
      readonly index: ChangeLetter;
      readonly worktree: ChangeLetter;
    }
  | {
      readonly kind: "unmerged";
      readonly path: string;
      readonly ours: ChangeLetter;
      readonly theirs: ChangeLetter;
    }
  /** A path that ends in a slash is another repository inside this one. */
  | { readonly kind: "untracked"; readonly path: string };

export interface BranchStatus {
  /** Null before the first commit. */
  readonly commit: string | null;
  /** Null when no branch is checked out. */
  readonly name: string | null;
  readonly upstream?: { readonly name: string; readonly ahead: number; readonly behind: number };
}

export interface GitStatus {
  readonly branch: BranchStatus;
  readonly entries: readonly StatusEntry[];
}

/** Reads the status of the checkout. Inside submodules nothing is looked at. */
export async function readStatus(git: RunGit, options: GitOptions): Promise<GitOutcome<GitStatus>> {
  const answer = await git({
    ...options,
    args: [
      "status",
      "--porcelain=v2",
      "-z",
      "--branch",
      "--untracked-files=all",
      "--ignore-submodules=dirty",
      "--find-renames",
    ],
  });
  if (answer.kind === "failed") return answer;
  const status = parseStatus(answer.value.stdout.toString("utf8"));
  return status ? ok(status) : failure("git-failed", "git status answered in a form that is not understood");
}

/** Parses `git status --porcelain=v2 -z --branch`; undefined when it is something else. */
export function parseStatus(text: string): GitStatus | undefined {
  const headers = new Map<string, string>();
  const entries: StatusEntry[] = [];
  const records = text.split("\0");
  if (records.pop() !== "") return undefined;
  for (let index = 0; index < records.length; index++) {
    const record = records[index] ?? "";
    if (record.startsWith("# ")) {
      const [, name = "", value = ""] = record.match(/^# (\S+) (.*)$/s) ?? [];
      headers.set(name, value);
      continue;
    }
    const from = record.startsWith("2 ") ? records[++index] : undefined;
    const entry = parseEntry(record, from);
    if (!entry) return undefined;
    entries.push(entry);
  }
  return { branch: branchOf(headers), entries };
}

function parseEntry(record: string, from: string | undefined): StatusEntry | undefined {
  const kind = record[0];
  if (kind === "?") return { kind: "untracked", path: record.slice(2) };
  if (kind === "1") {
    const [, index, worktree, sub, path] = record.match(/^1 (.)(.) (....)(?: \S+){5} (.+)$/s) ?? [];
    if (!index || !worktree || !sub || !path) return undefined;
    return { kind: "changed", path, index, worktree, submodule: sub.startsWith("S") };
  }
  if (kind === "2") {
    const [, index, worktree, letter, score, path] =
      record.match(/^2 (.)(.) ....(?: \S+){5} ([RC])(\d+) (.+)$/s) ?? [];
    if (!index || !worktree || !score || !path || from === undefined) return undefined;
    return { kind: letter === "C" ? "copied" : "renamed", path, from, score: Number(score), index, worktree };
  }
  const [, ours, theirs, path] = record.match(/^u (.)(.) ....(?: \S+){7} (.+)$/s) ?? [];
  return ours && theirs && path ? { kind: "unmerged", path, ours, theirs } : undefined;
}

function branchOf(headers: ReadonlyMap<string, string>): BranchStatus {
  const commit = headers.get("branch.oid");
  const name = headers.get("branch.head");
  const upstream = headers.get("branch.upstream");
  const [, ahead, behind] = headers.get("branch.ab")?.match(/^\+(\d+) -(\d+)$/) ?? [];
  return {
    commit: commit === undefined || commit === "(initial)" ? null : commit,
    name: name === undefined || name === "(detached)" ? null : name,
    ...(upstream !== undefined && ahead && behind
      ? { upstream: { name: upstream, ahead: Number(ahead), behind: Number(behind) } }
      : {}),
  };
}
