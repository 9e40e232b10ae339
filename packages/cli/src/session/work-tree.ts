import fs from "node:fs";
import path from "node:path";
import type { RememberedTree, TreeChanges, TurnChange, WorkTree } from "@quire/core";
import type { Git } from "@quire/git";
import { errorInfoOf } from "@quire/protocol";
import { openRepository } from "../review/open-repository.ts";
import type { System } from "../system.ts";
import type { Workspace } from "./workspace.ts";

/** Larger files, and more files than this, are compared by size and time only. */
const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 2000;

interface FileState {
  text: string | null;
  size: number;
  changedAtMs: number;
}

/** The checkout of a thread, as its git sees it. `place` is asked anew, because a thread can move. */
export function gitWorkTree(place: () => Workspace, system: System, home: string): WorkTree {
  return {
    async remember(signal) {
      const workspace = place();
      if (workspace.gitRoot === null) return { kind: "unknown", why: "this is no git repository" };
      try {
        const git = await openRepository(workspace, system, home);
        return await rememberTree(git, signal);
      } catch (thrown) {
        return { kind: "unknown", why: errorInfoOf(thrown).message };
      }
    },
  };
}

async function rememberTree(
  git: Git,
  signal: AbortSignal,
): Promise<RememberedTree | { kind: "unknown"; why: string }> {
  const head = await git.resolveRef("HEAD", { signal });
  const base = head.kind === "ok" ? head.value : null;
  const dirty = await dirtyFiles(git, base, signal);
  if (typeof dirty === "string") {
    git.close();
    return { kind: "unknown", why: dirty };
  }
  const before = new Map([...dirty].slice(0, MOST_FILES).map((name) => [name, readState(git.root, name)]));
  const isWhole = dirty.size <= MOST_FILES;
  return {
    async changes(now): Promise<TreeChanges> {
      if (!isWhole) return { kind: "unknown", why: `more than ${MOST_FILES} files had changes already` };
      const after = await dirtyFiles(git, base, now);
      if (typeof after === "string") return { kind: "unknown", why: after };
      if (after.size > MOST_FILES)
        return { kind: "unknown", why: `more than ${MOST_FILES} files have changes` };
      const changes: TurnChange[] = [];
      for (const name of new Set([...before.keys(), ...after])) {
        const change = await changeOf(git, base, name, before, now);
        if (change !== null) changes.push(change);
      }
      return { kind: "known", changes, subjects: await newSubjects(git, base, now) };
    },
    close: () => git.close(),
  };
}

/** Names of files that differ from `base`, new ones included; a text says why that is not known. */
async function dirtyFiles(git: Git, base: string | null, signal: AbortSignal): Promise<Set<string> | string> {
  if (base === null) {
    const all = await git.listFiles({ untracked: true, signal });
    return all.kind === "ok" ? new Set(all.value) : all.message;
  }
  const [changed, untracked] = await Promise.all([
    git.changedFiles(base, { signal }),
    git.untrackedFiles({ signal }),
  ]);
  if (changed.kind === "failed") return changed.message;
  if (untracked.kind === "failed") return untracked.message;
  const names = changed.value.flatMap(({ path: name, from }) => (from === undefined ? [name] : [name, from]));
  return new Set([...names, ...untracked.value]);
}

async function changeOf(
  git: Git,
  base: string | null,
  name: string,
  before: ReadonlyMap<string, FileState | null>,
  signal: AbortSignal,
): Promise<TurnChange | null> {
  const now = readState(git.root, name);
  const file = path.join(git.root, name);
  const changedAtMs = now?.changedAtMs ?? null;
  const known = before.get(name);
  if (known !== undefined) {
    const same = known?.text === now?.text && known?.size === now?.size;
    const touched = known?.text === null && known.changedAtMs !== now?.changedAtMs;
    if (same && !touched) return null;
    return { path: file, before: known?.text ?? null, after: now?.text ?? null, changedAtMs };
  }
  const stored =
    base === null ? null : await git.show(`${base}:${name}`, { signal, maxOutputBytes: MOST_BYTES });
  const text = stored?.kind === "ok" ? textOf(stored.value.content) : null;
  if (text !== null && text === now?.text) return null;
  return { path: file, before: text, after: now?.text ?? null, changedAtMs };
}

function readState(root: string, name: string): FileState | null {
  const file = path.join(root, name);
  try {
    const facts = fs.lstatSync(file);
    // Of a link only where it leads; of another repository inside this one, nothing.
    if (!facts.isFile() || facts.size > MOST_BYTES)
      return { text: null, size: facts.size, changedAtMs: facts.ctimeMs };
    return { text: textOf(fs.readFileSync(file)), size: facts.size, changedAtMs: facts.ctimeMs };
  } catch {
    // Gone, or not ours to read: both are no text.
    return null;
  }
}

function textOf(bytes: Buffer): string | null {
  return bytes.subarray(0, 8000).includes(0) ? null : bytes.toString("utf8");
}

/** Commits since; a moved HEAD with another past counts as none. */
async function newSubjects(git: Git, base: string | null, signal: AbortSignal): Promise<string[]> {
  const log = await git.log(50, { signal });
  if (log.kind === "failed") return [];
  const end = log.value.findIndex(({ hash }) => hash === base);
  return end < 0
    ? base === null
      ? log.value.map(({ subject }) => subject)
      : []
    : log.value.slice(0, end).map(({ subject }) => subject);
}
