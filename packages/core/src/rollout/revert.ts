import fs from "node:fs";
import { CodedError } from "@quire/protocol";
import type { ThreadLogDeps } from "../thread/open-thread.ts";
import { startedTurn, withoutReverted } from "./reverted-records.ts";
import { parseRollout } from "./rollout-reader.ts";
import { threadLocksDirectory } from "./rollout-store.ts";
import { openRollout } from "./rollout-writer.ts";
import { lockThread } from "./thread-lock.ts";

/**
 * Takes a thread's conversation back to before a turn, by a line in its log. Files in the workspace stay as they are.
 * Fails with `thread_busy` while somebody writes to the thread and with `usage_invalid` when it has no such turn.
 */
export async function revertThread(
  stored: { id: string; path: string },
  beforeTurnId: string,
  deps: ThreadLogDeps,
): Promise<void> {
  const lock = await lockThread(threadLocksDirectory(deps.home), stored.id, deps.lock);
  try {
    const contents = parseRollout(fs.readFileSync(stored.path));
    if (!withoutReverted(contents.records).some((record) => startedTurn(record) === beforeTurnId)) {
      throw new CodedError("usage_invalid", `thread ${stored.id} has no turn ${beforeTurnId}`, {
        nextStep: "List its turns and give the id of one of them.",
      });
    }
    if (contents.endsWithoutNewline) fs.appendFileSync(stored.path, "\n");
    const log = openRollout({
      path: stored.path,
      fs: deps.rolloutFs,
      now: deps.now,
      firstOrdinal: contents.nextOrdinal,
    });
    try {
      log.append([{ type: "event_msg", payload: { type: "thread_reverted", before_turn_id: beforeTurnId } }]);
      log.sync();
    } finally {
      log.close();
    }
  } finally {
    lock.release();
  }
}
