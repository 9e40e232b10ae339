import { pathsProblem, revisionProblem } from "./arguments.ts";
import type { GitOptions, RunGit } from "./git-command.ts";
import { failure, type GitOutcome, mapOutcome, ok } from "./outcome.ts";

/** A file as it is stored in a commit; no filter and no line-ending conversion was applied. */
export interface StoredFile {
  readonly mode: "file" | "executable" | "symlink";
  readonly content: Buffer;
}

const MODES: Readonly<Record<string, StoredFile["mode"]>> = {
  "100644": "file",
  "100664": "file",
  "100755": "executable",
  "120000": "symlink",
};

/** Reads `revision:path`. */
export async function showFile(
  git: RunGit,
  name: string,
  options: GitOptions,
): Promise<GitOutcome<StoredFile>> {
  const colon = name.indexOf(":");
  const revision = name.slice(0, Math.max(colon, 0));
  const path = name.slice(colon + 1);
  const problem = revisionProblem(revision) ?? pathsProblem([path]);
  if (problem) return problem;
  const missing = failure(
    "not-found",
    `there is no file ${JSON.stringify(path)} in ${JSON.stringify(revision)}`,
  );
  const listed = await git({
    ...options,
    args: ["ls-tree", "-z", "--full-tree", revision, "--", path],
    accepts: [0, 128],
  });
  if (listed.kind === "failed") return listed;
  const [, modeBits = "", hash, found] =
    listed.value.stdout.toString("utf8").match(/^(\d+) blob ([0-9a-f]+)\t(.+)\0$/s) ?? [];
  const mode = MODES[modeBits];
  if (mode === undefined || hash === undefined || found !== path) return missing;
  const blob = await git({ ...options, args: ["cat-file", "blob", hash] });
  return mapOutcome(blob, ({ stdout }) => ({ mode, content: stdout }));
}

/** Which files to list. */
export interface FileListRequest extends GitOptions {
  /** Whether untracked files that are not ignored belong to the list as well. */
  readonly untracked?: boolean;
  readonly paths?: readonly string[];
}

/** Files git knows, sorted. A submodule is one entry. */
export function listTrackedFiles(git: RunGit, request: FileListRequest): Promise<GitOutcome<string[]>> {
  const others = request.untracked ? ["--others", "--exclude-standard"] : [];
  return list(git, ["--cached", ...others], request);
}

/** Files git does not know and is not told to ignore, sorted. Another repository is one entry that ends in a slash. */
export function listUntrackedFiles(git: RunGit, request: FileListRequest): Promise<GitOutcome<string[]>> {
  return list(git, ["--others", "--exclude-standard"], request);
}

async function list(
  git: RunGit,
  which: readonly string[],
  request: FileListRequest,
): Promise<GitOutcome<string[]>> {
  const problem = pathsProblem(request.paths ?? []);
  if (problem) return problem;
  const answer = await git({
    ...request,
    args: ["ls-files", "-z", ...which, "--", ...(request.paths ?? [])],
  });
  if (answer.kind === "failed") return answer;
  const names = answer.value.stdout.toString("utf8").split("\0").filter(Boolean);
  return ok([...new Set(names)].sort());
}

/**
 * When files were last changed by the newest `commits` commits: Unix seconds by path. Merges are left out; what was changed
 * earlier is not in it.
 */
export async function readChangeTimes(
  git: RunGit,
  commits: number,
  options: GitOptions,
): Promise<GitOutcome<Map<string, number>>> {
  const start = await git({
    ...options,
    args: ["rev-parse", "--verify", "--quiet", "HEAD"],
    accepts: [0, 1],
  });
  if (start.kind === "failed") return start;
  if (start.value.exitCode !== 0) return ok(new Map());
  const answer = await git({
    ...options,
    args: [
      "log",
      "-z",
      `--max-count=${commits}`,
      "--format=tformat:%x01%ct",
      "--name-only",
      "--no-renames",
      "--no-merges",
      "--no-show-signature",
      "--no-color",
      "HEAD",
      "--",
    ],
    cut: true,
    maxOutputBytes: options.maxOutputBytes ?? 16 * 1024 * 1024,
  });
  return mapOutcome(answer, ({ stdout }) => parseChangeTimes(stdout.toString("utf8")));
}

/** Reads commits that begin with the byte 1 and their time, then the paths they changed. */
function parseChangeTimes(output: string): Map<string, number> {
  const times = new Map<string, number>();
  let time = 0;
  for (const part of output.split("\0")) {
    const word = part.replace(/^\n/, "");
    if (word.startsWith("\u0001")) time = Number(word.slice(1)) || 0;
    else if (word !== "" && !times.has(word)) times.set(word, time);
  }
  return times;
}
