import fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { CodedError } from "@quire/protocol";
import { removeQueue } from "../queue/stored-queue.ts";
import { isThreadId } from "../thread/thread-id.ts";
import { pickThread } from "./pick-thread.ts";
import { findThread, listRollouts, rolloutNameId, threadLocksDirectory } from "./rollout-store.ts";
import { lockThread, type ThreadLockDeps } from "./thread-lock.ts";

/** A thread's file, wherever it is. */
export interface ThreadFile {
  id: string;
  path: string;
  archived: boolean;
}

export interface ThreadFilesDeps {
  home: string;
  lock: ThreadLockDeps;
}

/** Archived threads, newest file name first. */
export function* listArchived(home: string): Generator<ThreadFile> {
  const folder = archiveFolder(home);
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch {
    // Nothing was archived yet.
    return;
  }
  for (const name of names.sort().reverse()) {
    const id = rolloutNameId(name);
    if (id !== null) yield { id, path: join(folder, name), archived: true };
  }
}

/** Finds a thread by its whole id, archived or not; null when there is none. */
export function findThreadFile(home: string, id: string): ThreadFile | null {
  if (!isThreadId(id)) return null;
  for (const { id: candidate, path } of listRollouts(home)) {
    if (candidate === id) return { id, path, archived: false };
  }
  for (const file of listArchived(home)) {
    if (file.id === id) return file;
  }
  return null;
}

/** Moves a thread out of the way, into `archived_sessions`. Fails with `thread_busy` while it is written to. */
export async function archiveThread(threadId: string, deps: ThreadFilesDeps): Promise<ThreadFile> {
  const { id, path } = findThread(deps.home, threadId);
  const target = join(archiveFolder(deps.home), basename(path));
  await moveLocked(id, path, target, deps);
  return { id, path: target, archived: true };
}

/** Puts an archived thread back where it was. */
export async function unarchiveThread(threadId: string, deps: ThreadFilesDeps): Promise<ThreadFile> {
  const file = pickThread(threadId, listArchived(deps.home), deps.home);
  const [, year, month, day] = /^rollout-(\d{4})-(\d\d)-(\d\d)T/.exec(basename(file.path)) ?? [];
  if (!year || !month || !day) {
    throw new CodedError("rollout_damaged", `the name of ${file.path} does not say when the thread began`, {
      nextStep: "Restore its name: rollout-YYYY-MM-DDTHH-MM-SS-ID.jsonl",
    });
  }
  const target = join(deps.home, "sessions", year, month, day, basename(file.path));
  await moveLocked(file.id, file.path, target, deps);
  return { id: file.id, path: target, archived: false };
}

/** Removes a thread's file for good, archived or not. */
export async function deleteThread(threadId: string, deps: ThreadFilesDeps): Promise<string> {
  const file = pickThread(threadId, everyThread(deps.home), deps.home);
  const lock = await lockThread(threadLocksDirectory(deps.home), file.id, deps.lock);
  try {
    fs.rmSync(file.path);
    removeQueue(deps.home, file.id);
  } finally {
    lock.release();
  }
  return file.id;
}

function* everyThread(home: string): Generator<ThreadFile> {
  for (const file of listRollouts(home)) yield { ...file, archived: false };
  yield* listArchived(home);
}

async function moveLocked(id: string, from: string, to: string, deps: ThreadFilesDeps): Promise<void> {
  const lock = await lockThread(threadLocksDirectory(deps.home), id, deps.lock);
  try {
    fs.mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    fs.renameSync(from, to);
  } finally {
    lock.release();
  }
}

function archiveFolder(home: string): string {
  return join(home, "archived_sessions");
}
