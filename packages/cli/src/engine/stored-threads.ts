import fs from "node:fs";
import { readFile } from "node:fs/promises";
import type { StoredThreads } from "@quire/app-server";
import {
  archiveThread,
  deleteThread,
  findThreadFile,
  listArchived,
  listRollouts,
  readThreadNames,
  revertThread,
  summarizeThread,
  type ThreadFile,
  type ThreadLogDeps,
  unarchiveThread,
  writeThreadName,
} from "@quire/core";
import { CodedError } from "@quire/protocol";

/** The threads of a home. */
export function storedThreads(deps: ThreadLogDeps): StoredThreads {
  const { home } = deps;
  const find = (threadId: string): ThreadFile => {
    const file = findThreadFile(home, threadId);
    if (file) return file;
    throw new CodedError("thread_not_found", `there is no thread ${threadId} in ${home}`, {
      nextStep: "List the threads with thread/list.",
    });
  };
  return {
    *list({ archived }) {
      if (archived) yield* listArchived(home);
      else for (const file of listRollouts(home)) yield { ...file, archived: false };
    },
    find,
    summarize: summarizeThread,
    modifiedMs: ({ path }) => fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    names: () => readThreadNames(home),
    setName: (threadId, name) => writeThreadName(home, threadId, name, deps.now()),
    async archive(threadId) {
      await archiveThread(threadId, deps);
    },
    unarchive: (threadId) => unarchiveThread(threadId, deps),
    async delete(threadId) {
      await deleteThread(threadId, deps);
    },
    revert: (threadId, beforeTurnId) => revertThread(find(threadId), beforeTurnId, deps),
    logBytes: ({ path }) => fs.statSync(path).size,
    readLog: ({ path }) => readFile(path),
  };
}
