import fs from "node:fs/promises";
import path from "node:path";
import { openRepository } from "../review/open-repository.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";

const MAX_FILES = 500_000;
const MAX_DEPTH = 40;
const SKIPPED = new Set([".git", "node_modules", ".hg", ".svn"]);

/**
 * The files below a folder, relative to it: what git shows where there is git (ignored files are left out), a bounded walk
 * otherwise.
 */
export async function listFiles(
  root: string,
  signal: AbortSignal,
  base: { system: System; home: string },
): Promise<string[]> {
  const folder = await fs.realpath(root).catch(() => root);
  const gitRoot = findGitRoot(folder);
  const known = gitRoot === null ? null : await gitFiles(gitRoot, folder, signal, base);
  return known ?? walk(folder, signal);
}

/** Null when git cannot be used on this repository. */
async function gitFiles(
  gitRoot: string,
  folder: string,
  signal: AbortSignal,
  { system, home }: { system: System; home: string },
): Promise<string[] | null> {
  const within = path.relative(gitRoot, folder).split(path.sep).join("/");
  try {
    const git = await openRepository({ gitRoot, cwd: folder }, system, home);
    try {
      const listed = await git.listFiles({
        untracked: true,
        signal,
        maxOutputBytes: 64 * 1024 * 1024,
        ...(within === "" ? {} : { paths: [within] }),
      });
      if (listed.kind === "failed") return null;
      const cut = within === "" ? 0 : within.length + 1;
      return listed.value.slice(0, MAX_FILES).map((file) => file.slice(cut));
    } finally {
      git.close();
    }
  } catch {
    // No git, or a repository it refuses: the walk lists what is there.
    return null;
  }
}

/** Breadth first, so that a bound leaves out what lies deepest. Links are listed, not followed. */
async function walk(root: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  let level = [""];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (signal.aborted || found.length >= MAX_FILES) return found;
      for (const entry of await entriesOf(path.join(root, folder))) {
        const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
        if (!entry.isDirectory()) found.push(file);
        else if (!SKIPPED.has(entry.name)) below.push(file);
      }
    }
    level = below;
  }
  return found;
}

async function entriesOf(folder: string) {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch {
    // Not readable, or gone meanwhile: nothing to list there.
    return [];
  }
}
