import { revisionProblem } from "./arguments.ts";
import type { GitAnswer, GitOptions, RunGit } from "./git-command.ts";
import { failure, type GitOutcome, ok } from "./outcome.ts";

const text = (answer: GitAnswer): string => answer.stdout.toString("utf8").trimEnd();

/** The full hash of the commit that `revision` names. */
export async function resolveRevision(
  git: RunGit,
  revision: string,
  options: GitOptions,
): Promise<GitOutcome<string>> {
  const problem = revisionProblem(revision);
  if (problem) return problem;
  const answer = await git({
    ...options,
    args: ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`],
    accepts: [0, 1, 128],
  });
  if (answer.kind === "failed") return answer;
  const hash = text(answer.value);
  if (answer.value.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(hash)) return ok(hash);
  return failure("not-found", `${JSON.stringify(revision)} names no commit in this repository`);
}

/** The best common ancestor; null when the two share no history. */
export async function findMergeBase(
  git: RunGit,
  one: string,
  other: string,
  options: GitOptions,
): Promise<GitOutcome<string | null>> {
  const first = await resolveRevision(git, one, options);
  if (first.kind === "failed") return first;
  const second = await resolveRevision(git, other, options);
  if (second.kind === "failed") return second;
  const answer = await git({ ...options, args: ["merge-base", first.value, second.value], accepts: [0, 1] });
  if (answer.kind === "failed") return answer;
  return ok(answer.value.exitCode === 0 ? text(answer.value) : null);
}

/** The name of the branch that is checked out, also before its first commit; null when there is none. */
export async function readCurrentBranch(
  git: RunGit,
  options: GitOptions,
): Promise<GitOutcome<string | null>> {
  const answer = await git({
    ...options,
    args: ["symbolic-ref", "--quiet", "--short", "HEAD"],
    accepts: [0, 1],
  });
  if (answer.kind === "failed") return answer;
  return ok(answer.value.exitCode === 0 ? text(answer.value) : null);
}

export interface CommitPerson {
  readonly name: string;
  readonly email: string;
  /** Unix time in seconds. */
  readonly time: number;
}

export interface CommitSummary {
  readonly hash: string;
  readonly parents: readonly string[];
  readonly author: CommitPerson;
  readonly committer: CommitPerson;
  readonly subject: string;
  readonly body: string;
}

const LOG_FIELDS = ["%H", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%s", "%b"];

/** The newest `count` commits that `from` (HEAD unless given) leads to; none before the first commit. */
export async function readLog(
  git: RunGit,
  count: number,
  options: GitOptions & { readonly from?: string },
): Promise<GitOutcome<CommitSummary[]>> {
  if (!Number.isSafeInteger(count) || count < 1) {
    return failure("bad-argument", `the number of commits has to be at least 1, not ${count}`);
  }
  const start = await resolveRevision(git, options.from ?? "HEAD", options);
  if (start.kind === "failed") {
    return start.code === "not-found" && options.from === undefined ? ok([]) : start;
  }
  const answer = await git({
    ...options,
    args: [
      "log",
      "-z",
      `--max-count=${count}`,
      `--format=tformat:${LOG_FIELDS.join("%x00")}`,
      "--no-show-signature",
      "--no-mailmap",
      "--no-color",
      "--encoding=UTF-8",
      start.value,
      "--",
    ],
  });
  if (answer.kind === "failed") return answer;
  const commits = parseLog(answer.value.stdout.toString("utf8"));
  return commits ? ok(commits) : failure("git-failed", "git log answered in a form that is not understood");
}

/** Parses records of ten fields, each field ended by NUL; undefined when it is something else. */
function parseLog(output: string): CommitSummary[] | undefined {
  const fields = output.split("\0");
  if (fields.pop() !== "" || fields.length % LOG_FIELDS.length !== 0) return undefined;
  const commits: CommitSummary[] = [];
  for (let at = 0; at < fields.length; at += LOG_FIELDS.length) {
    const [hash = "", parents = "", ...rest] = fields.slice(at, at + LOG_FIELDS.length);
    const [
      authorName = "",
      authorEmail = "",
      authored,
      name = "",
      email = "",
      committed,
      subject = "",
      body = "",
    ] = rest;
    commits.push({
      hash,
      parents: parents.split(" ").filter(Boolean),
      author: { name: authorName, email: authorEmail, time: Number(authored) },
      committer: { name, email, time: Number(committed) },
      subject,
      body: body.trimEnd(),
    });
  }
  return commits;
}
