import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathsProblem } from "./arguments.ts";
import type { GitOptions, RunGit } from "./git-command.ts";
import { failure, type GitFailure, type GitOutcome } from "./outcome.ts";
import type { RepositoryLocation } from "./repository-location.ts";
import { resolveRevision } from "./revisions.ts";

export interface CommitRequest extends GitOptions {
  /** The first line is the subject. */
  readonly message: string;
  /** Files and folders relative to the root, as they are in the working tree; a missing file is committed as deleted. */
  readonly paths: readonly string[];
  /** The committer is always the user of the configuration. */
  readonly author?: { readonly name: string; readonly email: string };
}

/** `refused`: nothing was changed, and trying the same again will not help. */
export type CommitOutcome =
  | {
      readonly kind: "committed";
      readonly commit: string;
      /** Null for the first commit. */
      readonly parent: string | null;
      readonly paths: readonly string[];
      /** Set when the user's git signs commits; ours never does, since the signing program is a setting. */
      readonly unsigned?: true;
    }
  | {
      readonly kind: "refused";
      readonly reason:
        | "foreign-repository"
        | "operation-in-progress"
        | "nothing-to-commit"
        | "filtered-paths"
        | "nested-repository"
        | "no-identity"
        | "moved";
      readonly message: string;
    }
  | GitFailure;

/** What a commit has to know of the repository beside the runner. */
export interface CommitContext {
  readonly location: RepositoryLocation;
  /** Ours, outside the checkout. */
  readonly scratchDir: string;
  readonly filters: readonly string[];
  readonly signsCommits: boolean;
}

type Refusal = Extract<CommitOutcome, { kind: "refused" }>;

function refused(reason: Refusal["reason"], message: string): Refusal {
  return { kind: "refused", reason, message };
}

const UNFINISHED = [
  "MERGE_HEAD",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "BISECT_LOG",
  "rebase-merge",
  "rebase-apply",
  "sequencer",
];

/**
 * Commits the given paths and nothing else, as `git commit --only` does: what else is staged stays staged. Built from
 * plumbing commands, so no hook, editor, filter or signing program has a part in it.
 */
export async function commitPaths(
  git: RunGit,
  context: CommitContext,
  request: CommitRequest,
): Promise<CommitOutcome> {
  const problem = argumentProblem(request) ?? stateProblem(context.location);
  if (problem) return problem;
  const head = await resolveRevision(git, "HEAD", request);
  if (head.kind === "failed" && head.code !== "not-found") return head;
  const parent = head.kind === "ok" ? head.value : null;
  const folder = mkdtempSync(join(context.scratchDir, "commit-"));
  try {
    return await new Committing(git, context, request, parent, join(folder, "index")).run();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentProblem({ message, paths, author }: CommitRequest): GitFailure | undefined {
  if (message.trim() === "" || message.includes("\0")) {
    return failure("bad-argument", "a commit needs a message, without NUL characters");
  }
  if (paths.length === 0) return failure("bad-argument", "name the files to commit");
  const names = author ? [author.name, author.email] : [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (names.some((name) => name.trim() === "" || /[\0-\x1f<>]/.test(name))) {
    return failure("bad-argument", "the author's name and address must be one line each, without < and >");
  }
  return pathsProblem(paths);
}

function stateProblem({ root, gitDir, mutual }: RepositoryLocation): Refusal | undefined {
  if (!mutual) {
    return refused(
      "foreign-repository",
      `${root}/.git points at ${gitDir}, which does not name ${root} as its checkout; commit there by hand`,
    );
  }
  const unfinished = UNFINISHED.find((name) => existsSync(join(gitDir, name)));
  if (unfinished === undefined) return undefined;
  return refused(
    "operation-in-progress",
    `a merge, rebase or similar is unfinished in ${root} (${unfinished}); finish or abort it, then commit`,
  );
}

class Committing {
  readonly #git: RunGit;
  readonly #context: CommitContext;
  readonly #request: CommitRequest;
  readonly #parent: string | null;
  readonly #index: { readonly GIT_INDEX_FILE: string };

  constructor(
    git: RunGit,
    context: CommitContext,
    request: CommitRequest,
    parent: string | null,
    index: string,
  ) {
    this.#git = git;
    this.#context = context;
    this.#request = request;
    this.#parent = parent;
    this.#index = { GIT_INDEX_FILE: index };
  }

  async run(): Promise<CommitOutcome> {
    const files = await this.#files();
    if (files.kind !== "ok") return files;
    const tree = await this.#tree(files.value);
    if (tree.kind !== "ok") return tree;
    const changes = await this.#changes(tree.value);
    if (changes.kind !== "ok") return changes;
    if (changes.value.length === 0) {
      return refused("nothing-to-commit", "the named files are as they were in the last commit");
    }
    const commit = await this.#commit(tree.value);
    if (commit.kind !== "ok") return commit;
    const moved = await this.#advance(commit.value, changes.value);
    if (moved) return moved;
    return {
      kind: "committed",
      commit: commit.value,
      parent: this.#parent,
      paths: changes.value.map(({ path }) => path),
      ...(this.#context.signsCommits ? { unsigned: true as const } : {}),
    };
  }

  /** Single files below the named paths; the index and HEAD are asked too, for those that were deleted. */
  async #files(): Promise<GitOutcome<string[]> | Refusal> {
    const { paths } = this.#request;
    const known = await this.#text({
      args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...paths],
    });
    if (known.kind === "failed") return known;
    const parent = this.#parent;
    const committed =
      parent === null
        ? ({ kind: "ok", value: "" } as const)
        : await this.#text({
            args: ["ls-tree", "-rz", "--name-only", "--full-tree", parent, "--", ...paths],
          });
    if (committed.kind === "failed") return committed;
    const files = [...new Set(`${known.value}${committed.value}`.split("\0").filter(Boolean))];
    const nested = files.find((file) => file.endsWith("/"));
    if (nested !== undefined) {
      return refused(
        "nested-repository",
        `${nested} is a repository of its own; commit inside it, or leave it out`,
      );
    }
    return (await this.#filteredPaths(files)) ?? { kind: "ok", value: files };
  }

  /** A filter that does not run would put unfiltered content (a large file instead of its pointer) into the commit. */
  async #filteredPaths(files: readonly string[]): Promise<GitFailure | Refusal | undefined> {
    if (this.#context.filters.length === 0 || files.length === 0) return undefined;
    const attributes = await this.#text({
      args: ["check-attr", "-z", "--stdin", "filter"],
      stdin: files.map((file) => `${file}\0`).join(""),
    });
    if (attributes.kind === "failed") return attributes;
    const fields = attributes.value.split("\0");
    const filtered = fields.filter(
      (_, at) => at % 3 === 0 && this.#context.filters.includes(fields[at + 2] ?? ""),
    );
    if (filtered.length === 0) return undefined;
    return refused(
      "filtered-paths",
      `a git filter applies to ${filtered.slice(0, 5).join(", ")}, and filters do not run here; commit these by hand`,
    );
  }

  /** Writes HEAD plus the files as a tree. */
  async #tree(files: readonly string[]): Promise<GitOutcome<string>> {
    const env = this.#index;
    const filled = await this.#text({ args: ["read-tree", this.#parent ?? "--empty"], env });
    if (filled.kind === "failed") return filled;
    const updated = await this.#text({
      args: ["update-index", "--add", "--remove", "-z", "--stdin"],
      stdin: files.map((file) => `${file}\0`).join(""),
      env,
    });
    if (updated.kind === "failed") return updated;
    const tree = await this.#text({ args: ["write-tree"], env });
    return tree.kind === "ok" ? { kind: "ok", value: tree.value.trim() } : tree;
  }

  /** What the commit changes, as lines that `update-index --index-info` takes. */
  async #changes(tree: string): Promise<GitOutcome<{ path: string; line: string }[]>> {
    const old =
      this.#parent ?? (await this.#text({ args: ["hash-object", "-t", "tree", "--stdin"], stdin: "" }));
    if (typeof old !== "string" && old.kind === "failed") return old;
    const from = typeof old === "string" ? old : old.value.trim();
    const raw = await this.#text({
      args: ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", from, tree],
    });
    if (raw.kind === "failed") return raw;
    const parts = raw.value.split("\0");
    const changes: { path: string; line: string }[] = [];
    for (let at = 0; at + 1 < parts.length; at += 2) {
      const [, mode, hash] = parts[at]?.match(/^:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) /) ?? [];
      const path = parts[at + 1] ?? "";
      changes.push({ path, line: `${Number(mode) === 0 ? "0" : mode} ${hash}\t${path}\0` });
    }
    return { kind: "ok", value: changes };
  }

  async #commit(tree: string): Promise<GitOutcome<string> | Refusal> {
    const { author, message } = this.#request;
    const committer = await this.#text({ args: ["var", "GIT_COMMITTER_IDENT"], env: STRICT_IDENTITY });
    if (committer.kind === "failed") {
      if (committer.code !== "git-failed") return committer;
      return refused("no-identity", "git has no user.name and user.email; set them with git config --global");
    }
    const commit = await this.#text({
      args: ["commit-tree", tree, ...(this.#parent === null ? [] : ["-p", this.#parent]), "-F", "-"],
      stdin: `${message.trim()}\n`,
      env: {
        ...STRICT_IDENTITY,
        ...(author ? { GIT_AUTHOR_NAME: author.name, GIT_AUTHOR_EMAIL: author.email } : {}),
      },
    });
    return commit.kind === "ok" ? { kind: "ok", value: commit.value.trim() } : commit;
  }

  /** Moves the branch, if it is where it was, and then the index. */
  async #advance(
    commit: string,
    changes: readonly { readonly line: string }[],
  ): Promise<GitFailure | Refusal | undefined> {
    const none = "0".repeat(commit.length);
    const subject = this.#request.message.trim().split("\n", 1)[0] ?? "";
    const moved = await this.#text({
      args: ["update-ref", "-m", `commit: ${subject}`, "HEAD", commit, this.#parent ?? none],
    });
    if (moved.kind === "failed") {
      return moved.code === "git-failed"
        ? refused("moved", `the branch could not be moved to the new commit ${commit}: ${moved.message}`)
        : moved;
    }
    const indexed = await this.#text({
      args: ["update-index", "-z", "--index-info"],
      stdin: changes.map(({ line }) => line).join(""),
    });
    if (indexed.kind === "ok") return undefined;
    return failure(
      indexed.code,
      `the commit ${commit} was made, but the index was not brought up to date (${indexed.message}); run git reset`,
    );
  }

  async #text(call: {
    readonly args: readonly string[];
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
  }): Promise<GitOutcome<string>> {
    const { signal, timeoutMs, maxOutputBytes } = this.#request;
    const answer = await this.#git({
      ...call,
      ...(signal ? { signal } : {}),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
    });
    return answer.kind === "ok" ? { kind: "ok", value: answer.value.stdout.toString("utf8") } : answer;
  }
}

/** Git would otherwise make an address up from the machine's name. */
const STRICT_IDENTITY = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "user.useConfigOnly",
  GIT_CONFIG_VALUE_0: "true",
};
