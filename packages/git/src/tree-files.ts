import { createHash } from "node:crypto";
import type { GitOptions, RunGit } from "./git-command.ts";
import { type GitOutcome, ok } from "./outcome.ts";

/** A file of the working tree with the name of its content, where git knows it. */
export interface TreeFile {
  readonly path: string;
  /** The blob that the file is stored as; null when the file differs from it, or was never stored. */
  readonly blob: string | null;
}

/** The files of a working tree at one moment, as git wrote them. */
export interface TreeFiles {
  /** Of everything that git said: the same for the same names and blobs. It says nothing of what is not stored. */
  readonly fingerprint: string;
  /** Files without a blob. */
  unstored(): string[];
  /** All files, sorted. It takes longer than everything else here. */
  files(): TreeFile[];
}

/** Room for the names of a million files. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Tracked and untracked files that are not ignored, with their blobs. Links, submodules and removed files are left out. Git compares
 * times and sizes by its index, and reads nothing that they agree on; two commands at once, because one looks at files and
 * the other at folders.
 */
export async function listTreeFiles(git: RunGit, options: GitOptions): Promise<GitOutcome<TreeFiles>> {
  const bounded = { ...options, maxOutputBytes: options.maxOutputBytes ?? MOST_BYTES };
  const [tracked, others] = await Promise.all([
    git({ ...bounded, args: ["ls-files", "-z", "-t", "-s", "-c", "-m", "-d"] }),
    git({ ...bounded, args: ["ls-files", "-z", "-o", "--exclude-standard"] }),
  ]);
  if (tracked.kind === "failed") return tracked;
  if (others.kind === "failed") return others;
  return ok(treeFilesOf(tracked.value.stdout, others.value.stdout));
}

/** Reads lines of `ls-files -t -s -z` (a letter for the state, then mode, blob and stage, then the path), and of `ls-files -o -z`. */
function treeFilesOf(tracked: Buffer, others: Buffer): TreeFiles {
  // Another repository is one entry that ends in a slash.
  const untracked = (): string[] => entriesOf(others).filter((path) => path !== "" && !path.endsWith("/"));
  return {
    fingerprint: createHash("sha1").update(tracked).update("\0").update(others).digest("hex"),
    unstored() {
      const changed = changedEntries(tracked).map(parseTracked);
      return [...new Set(changed.flatMap((entry) => (entry?.isFile ? [entry.path] : []))), ...untracked()];
    },
    files() {
      const blobs = new Map<string, string | null>();
      const gone: string[] = [];
      for (const line of entriesOf(tracked)) {
        const entry = parseTracked(line);
        if (entry === null) continue;
        const { state, path, blob, isFile } = entry;
        if (state === "R") gone.push(path);
        else if (isFile) blobs.set(path, state === "C" || blobs.get(path) === null ? null : blob);
      }
      for (const path of gone) blobs.delete(path);
      for (const path of untracked()) blobs.set(path, null);
      return [...blobs].map(([path, blob]) => ({ path, blob })).sort((a, b) => (a.path < b.path ? -1 : 1));
    },
  };
}

function entriesOf(output: Buffer): string[] {
  return output.toString("utf8").split("\0");
}

/** What stands before a changed file: it is always written twice, and the first time as a known one. */
const CHANGED = Buffer.from("\0C ");

/** The entries of files that differ from what is stored; the many others are not even made to text. */
function changedEntries(tracked: Buffer): string[] {
  const found: string[] = [];
  for (let before = tracked.indexOf(CHANGED); before >= 0; ) {
    const end = tracked.indexOf(0, before + 1);
    found.push(tracked.toString("utf8", before + 1, end));
    before = tracked.indexOf(CHANGED, end);
  }
  return found;
}

function parseTracked(entry: string): { state: string; path: string; blob: string; isFile: boolean } | null {
  const tab = entry.indexOf("\t");
  if (tab < 0) return null;
  const [state = "", mode = "", blob = ""] = entry.slice(0, tab).split(" ", 3);
  return { state, path: entry.slice(tab + 1), blob, isFile: mode.startsWith("100") };
}
