import { pathsProblem, revisionProblem } from "./arguments.ts";
import type { GitOptions, RunGit } from "./git-command.ts";
import { failure, type GitOutcome, ok } from "./outcome.ts";

/** Which two states to compare. */
export interface DiffSides {
  /** The older side; the index, or with `staged` HEAD, unless given. */
  readonly base?: string;
  /** The newer side; needs `base`. Unless given it is the working tree, or with `staged` the index. */
  readonly head?: string;
  readonly staged?: boolean;
  /** Exact files or folders, relative to the root; everything unless given. */
  readonly paths?: readonly string[];
}

export interface DiffRequest extends DiffSides, GitOptions {
  /** Lines around a change; 3 unless given. */
  readonly context?: number;
  /** Whether binary files are given whole, so that the patch can be applied. */
  readonly binary?: boolean;
}

export interface GitDiff {
  /** In the encodings of the files. */
  readonly patch: Buffer;
  /** Whether the end is missing because of `maxOutputBytes`. */
  readonly truncated: boolean;
}

export interface ChangedFile {
  readonly path: string;
  readonly status:
    | "added"
    | "deleted"
    | "modified"
    | "type-changed"
    | "renamed"
    | "copied"
    | "unmerged"
    | "unknown";
  /** The old path of a rename or copy. */
  readonly from?: string;
  /** Null for a binary file. */
  readonly lines: { readonly added: number; readonly deleted: number } | null;
}

const SAFE_FLAGS = [
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
  "--ignore-submodules=dirty",
  "--find-renames",
];

/** Untracked files are not part of it. */
export async function readDiff(git: RunGit, request: DiffRequest): Promise<GitOutcome<GitDiff>> {
  const sides = sidesArguments(request);
  if (sides.kind === "failed") return sides;
  const context = request.context ?? 3;
  if (!Number.isSafeInteger(context) || context < 0) {
    return failure("bad-argument", `context has to be a number of lines, not ${context}`);
  }
  const format = [
    `--unified=${context}`,
    "--full-index",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
  ];
  const answer = await git({
    ...request,
    cut: true,
    args: ["diff", ...SAFE_FLAGS, ...format, ...(request.binary ? ["--binary"] : []), ...sides.value],
  });
  if (answer.kind === "failed") return answer;
  return ok({ patch: answer.value.stdout, truncated: answer.value.truncated });
}

/** The files a diff of these sides would show, with the numbers of their lines. */
export async function readChangedFiles(
  git: RunGit,
  request: DiffSides & GitOptions,
): Promise<GitOutcome<ChangedFile[]>> {
  const sides = sidesArguments(request);
  if (sides.kind === "failed") return sides;
  const answer = await git({
    ...request,
    args: ["diff", ...SAFE_FLAGS, "--raw", "--numstat", "--no-abbrev", "-z", ...sides.value],
  });
  if (answer.kind === "failed") return answer;
  const files = parseChangedFiles(answer.value.stdout.toString("utf8"));
  return files ? ok(files) : failure("git-failed", "git diff answered in a form that is not understood");
}

function sidesArguments(sides: DiffSides): GitOutcome<string[]> {
  const { base, head, staged = false, paths = [] } = sides;
  if (head !== undefined && (base === undefined || staged)) {
    return failure("bad-argument", "head needs a base and excludes staged");
  }
  const revisions = [base, head].filter((revision) => revision !== undefined);
  const problem = revisions.map(revisionProblem).find(Boolean) ?? pathsProblem(paths);
  if (problem) return problem;
  return ok([...(staged ? ["--cached"] : []), ...revisions, "--", ...paths]);
}

const STATUS_NAMES: Readonly<Record<string, ChangedFile["status"]>> = {
  A: "added",
  D: "deleted",
  M: "modified",
  T: "type-changed",
  R: "renamed",
  C: "copied",
  U: "unmerged",
};

/** Parses `git diff --raw --numstat -z`: all raw records, then all numbers. Undefined when it is something else. */
export function parseChangedFiles(text: string): ChangedFile[] | undefined {
  const parts = text.split("\0");
  if (parts.pop() !== "") return undefined;
  const files = new Map<string, ChangedFile>();
  const next = parts[Symbol.iterator]();
  const take = (): string | undefined => {
    const step = next.next();
    return step.done ? undefined : step.value;
  };
  for (let part = take(); part !== undefined; part = take()) {
    const letter = part.match(/^:\d+ \d+ [0-9a-f]+ [0-9a-f]+ ([A-Z])\d*$/)?.[1];
    if (letter !== undefined) {
      const from = letter === "R" || letter === "C" ? take() : undefined;
      const path = take();
      if (path === undefined) return undefined;
      const status = STATUS_NAMES[letter] ?? "unknown";
      // An unmerged file is listed a second time, with its change.
      if (files.get(path)?.status !== "unmerged") {
        files.set(path, { path, status, ...(from === undefined ? {} : { from }), lines: null });
      }
      continue;
    }
    const [, added, deleted, named] = part.match(/^(-|\d+)\t(-|\d+)\t(.*)$/s) ?? [];
    if (added === undefined || deleted === undefined) return undefined;
    if (named === "") take();
    const path = named === "" ? take() : named;
    const file = path === undefined ? undefined : files.get(path);
    if (!file) return undefined;
    const lines = added === "-" ? null : { added: Number(added), deleted: Number(deleted) };
    files.set(file.path, { ...file, lines });
  }
  return [...files.values()];
}
