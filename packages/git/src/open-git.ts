import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { commitPaths } from "./commit.ts";
import { parseConfigList, type SafeConfiguration, safeConfiguration } from "./configuration.ts";
import { readChangedFiles, readDiff } from "./diff.ts";
import { listTrackedFiles, listUntrackedFiles, readChangeTimes, showFile } from "./files.ts";
import type { Git } from "./git.ts";
import { gitRunner, type RunGit } from "./git-command.ts";
import { configReadingEnvironment, hardenedEnvironment } from "./hardening.ts";
import { failure, type GitOutcome, mapOutcome, ok } from "./outcome.ts";
import { locateRepository, type RepositoryLocation } from "./repository-location.ts";
import { findMergeBase, readCurrentBranch, readLog, resolveRevision } from "./revisions.ts";
import { type RunProcess, runProcess } from "./run-process.ts";
import { makeShadowRepository } from "./shadow-repository.ts";
import { readStatus } from "./status.ts";
import { listTreeFiles } from "./tree-files.ts";

export interface GitSetup {
  /** The folder that holds `.git`. Absolute. */
  readonly root: string;
  /** Absolute; from `findGit`. */
  readonly gitProgram: string;
  /** Only HOME, XDG_CONFIG_HOME and where git's own configuration lies are taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A private folder is made in it until `close`. Absolute, outside everything that commands may write to. */
  readonly scratchParent: string;
  /** Starts processes; the real thing unless given. */
  readonly run?: RunProcess;
  readonly signal?: AbortSignal;
}

/** `unusable`: there is a repository, but git or its format keeps us from reading it. */
export type OpenGitOutcome =
  | { readonly kind: "opened"; readonly git: Git }
  | { readonly kind: "not-a-repository"; readonly message: string }
  | { readonly kind: "unusable"; readonly message: string };

/**
 * Prepares a checkout for being asked. The repository's configuration is read once, now; what in it only describes the
 * repository is kept, and everything that could start a program is never seen by later git commands.
 */
export async function openGit(setup: GitSetup): Promise<OpenGitOutcome> {
  const location = locateRepository(setup.root);
  if (!location) {
    return { kind: "not-a-repository", message: `${setup.root} is not the top folder of a git checkout` };
  }
  const run = setup.run ?? runProcess;
  const configuration = await readConfiguration(setup, location, run);
  if (configuration.kind === "failed") return { kind: "unusable", message: configuration.message };
  const safe = configuration.value;
  if (safe.unknownExtensions.length > 0) {
    const names = safe.unknownExtensions.join(", ");
    return { kind: "unusable", message: `${location.root} uses unknown repository extensions: ${names}` };
  }
  const shadow = makeShadowRepository(location, safe.entries, setup.scratchParent);
  let closed = false;
  const runner = gitRunner({
    gitProgram: setup.gitProgram,
    cwd: location.root,
    env: hardenedEnvironment(setup, { ...location, commonDir: shadow.commonDir }),
    run,
  });
  const git: RunGit = (call) =>
    closed
      ? Promise.resolve(failure("closed", `git in ${location.root} was closed; open it again`))
      : runner(call);
  const context = {
    location,
    scratchDir: shadow.scratchDir,
    filters: safe.filters,
    signsCommits: safe.signsCommits,
  };
  return {
    kind: "opened",
    git: {
      root: location.root,
      filtersOff: safe.filters,
      status: (options = {}) => readStatus(git, options),
      diff: (request = {}) => readDiff(git, request),
      changedFiles: (base = "HEAD", request = {}) => readChangedFiles(git, { ...request, base }),
      untrackedFiles: (request = {}) => listUntrackedFiles(git, request),
      listFiles: (request = {}) => listTrackedFiles(git, request),
      treeFiles: (options = {}) => listTreeFiles(git, options),
      changeTimes: (commits, options = {}) => readChangeTimes(git, commits, options),
      show: (name, options = {}) => showFile(git, name, options),
      resolveRef: (revision, options = {}) => resolveRevision(git, revision, options),
      mergeBase: (one, other, options = {}) => findMergeBase(git, one, other, options),
      currentBranch: (options = {}) => readCurrentBranch(git, options),
      log: (count, options = {}) => readLog(git, count, options),
      restoreHead: async (options = {}) =>
        mapOutcome(await git({ ...options, args: ["read-tree", "--reset", "-u", "HEAD"] }), () => null),
      isHeadReferenced: async (options = {}) =>
        mapOutcome(
          await git({ ...options, args: ["for-each-ref", "--count=1", "--contains", "HEAD"] }),
          ({ stdout }) => stdout.length > 0,
        ),
      commit: (request) => commitPaths(git, context, request),
      close: () => {
        closed = true;
        shadow.close();
      },
    },
  };
}

const MOST_CONFIG_BYTES = 4 * 1024 * 1024;

async function readConfiguration(
  setup: GitSetup,
  location: RepositoryLocation,
  run: RunProcess,
): Promise<GitOutcome<SafeConfiguration>> {
  const git = gitRunner({
    gitProgram: setup.gitProgram,
    cwd: location.root,
    env: configReadingEnvironment(setup, location.gitDir),
    run,
  });
  const answer = await git({
    args: ["config", "--list", "-z", "--show-scope", "--includes"],
    maxOutputBytes: MOST_CONFIG_BYTES,
    ...(setup.signal ? { signal: setup.signal } : {}),
  });
  if (answer.kind === "failed") return answer;
  const entries = parseConfigList(answer.value.stdout.toString("utf8"));
  // Git passes over the configuration of a repository whose format it does not know, without a word.
  if (!entries.some(({ scope }) => scope === "local") && hasSections(join(location.commonDir, "config"))) {
    return failure(
      "git-failed",
      `git does not understand the format of ${location.root}; a newer git may (extensions in .git/config)`,
    );
  }
  return ok(safeConfiguration(entries));
}

function hasSections(configFile: string): boolean {
  const stats = statSync(configFile, { throwIfNoEntry: false });
  return stats?.isFile() === true && /^\s*\[/m.test(readFileSync(configFile, "latin1"));
}
