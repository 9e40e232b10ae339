import fs from "node:fs";
import path from "node:path";
import { findGit, type ProcessResult, runProcess } from "@quire/git";
import { CodedError } from "@quire/protocol";
import { diffBytes } from "../editing/diff-bytes.ts";

/** A git repository made for one task, with everything in one commit, and removed afterwards. */
export interface ScratchRepository {
  /** Absolute, without links in it. */
  readonly folder: string;
  /** Files that are not as they were, new and removed ones included, in order of their names. */
  changedFiles(): string[];
  /** What changed since the commit, as a patch; the agent could not write to `.git`. */
  diff(): Promise<string>;
  /**
   * Bytes of the lines that are different since the commit, taken away and new. Caches, binary files and what git ignores
   * count nothing; git's index stays as it is. Null where git cannot say it within its limits.
   */
  changedBytes(): Promise<number | null>;
  /** May be called twice. */
  remove(): Promise<void>;
}

/** Caches that running tests makes; nobody wrote them. */
const CACHES = new Set([".git", "__pycache__", ".pytest_cache", "node_modules"]);
const GIT_TIMEOUT_MS = 60_000;
/** Each waits 100 ms longer than the one before: 11 seconds in all. */
const REMOVAL_RETRIES = 14;
const MOST_FILES = 100_000;
const MOST_PATCH_BYTES = 64 * 1024 * 1024;
const PERSON = ["-c", "user.name=eval", "-c", "user.email=eval@localhost", "-c", "core.hooksPath=/dev/null"];

/** Makes one below `parent` of the files given by path, or of a copy of the folder `from` first. */
export async function scratchRepository(
  parent: string,
  content: { readonly from?: string; readonly files?: Readonly<Record<string, string>> },
  env: Readonly<Record<string, string | undefined>>,
): Promise<ScratchRepository> {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(parent), "quire-eval-"));
  // An engine may still be making the sandbox of a next command, with mount points in the folder, when a turn is over.
  const remove = () =>
    fs.promises.rm(folder, { recursive: true, force: true, maxRetries: REMOVAL_RETRIES, retryDelay: 100 });
  try {
    if (content.from !== undefined) {
      fs.cpSync(content.from, folder, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => path.basename(source) !== ".git",
      });
    }
    for (const [name, text] of Object.entries(content.files ?? {})) {
      const file = path.join(folder, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    await commitAll(folder, env);
    const before = contentsOf(folder);
    return {
      folder,
      remove,
      async diff() {
        const git = printedBy(gitFor(folder, env));
        await git(["add", "-A"]);
        return git(["diff", "--cached", "--no-ext-diff", "--no-textconv", "--binary", "HEAD"]);
      },
      changedBytes: () => changedBytes(folder, env),
      changedFiles() {
        const after = contentsOf(folder);
        return [...new Set([...before.keys(), ...after.keys()])]
          .filter((name) => before.get(name) !== after.get(name))
          .sort();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Keeps an index of its own, because checks may ask git what the agent changed. */
async function changedBytes(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number | null> {
  const index = path.join(folder, ".git", "quire-eval-index");
  try {
    const git = gitFor(folder, env, { GIT_INDEX_FILE: index });
    // Made anew and not copied: times in a copy would pass off a file of the same size as unchanged.
    await git(["read-tree", "HEAD"]);
    const without = [...CACHES].map((name) => `:(exclude,glob)**/${name}/**`);
    const added = await git(["add", "-A", "--", ".", ...without]);
    const plain = ["--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
    const { exitCode, stdout } = await git(["diff", "--cached", ...plain, "HEAD"]);
    return added.exitCode === 0 && exitCode === 0 ? diffBytes(stdout.toString("latin1")) : null;
  } finally {
    fs.rmSync(index, { force: true });
  }
}

async function commitAll(folder: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const git = printedBy(gitFor(folder, env));
  await git(["init", "-q", "-b", "main"]);
  await git(["add", "-A"]);
  await git(["commit", "-q", "--allow-empty", "-m", "start"]);
}

type Git = (args: readonly string[]) => Promise<ProcessResult>;

/** Runs git in a folder of ours; the user's configuration plays no part. */
function gitFor(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
  more: Readonly<Record<string, string>> = {},
): Git {
  const file = findGit(env.PATH, [folder]);
  if (file === undefined) {
    throw new CodedError("not_a_repository", "git is not installed, so tasks have no repository to be in", {
      nextStep: "Install git.",
    });
  }
  return (args) =>
    runProcess({
      file,
      args: [...PERSON, ...args],
      cwd: folder,
      env: {
        PATH: env.PATH ?? "/usr/bin:/bin",
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        ...more,
      },
      maxOutputBytes: MOST_PATCH_BYTES,
      timeoutMs: GIT_TIMEOUT_MS,
    });
}

/** What it printed; anything but success is a fault of ours. */
function printedBy(git: Git): (args: readonly string[]) => Promise<string> {
  return async (args) => {
    const { exitCode, stdout, stderr } = await git(args);
    if (exitCode === 0) return stdout.toString("utf8");
    throw new CodedError("internal", `git ${args[0]} in a scratch copy failed: ${stderr.trim()}`);
  };
}

/** Every file with its content, or a link with where it points. */
function contentsOf(folder: string): Map<string, string> {
  const contents = new Map<string, string>();
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(path.join(folder, below), { withFileTypes: true })) {
      if (CACHES.has(entry.name)) continue;
      const name = path.posix.join(below, entry.name);
      if (contents.size >= MOST_FILES) throw new RangeError(`${folder} holds more than ${MOST_FILES} files`);
      if (entry.isDirectory()) walk(name);
      else if (entry.isSymbolicLink()) contents.set(name, `link ${fs.readlinkSync(path.join(folder, name))}`);
      else if (entry.isFile()) contents.set(name, fs.readFileSync(path.join(folder, name), "latin1"));
    }
  };
  walk("");
  return contents;
}
