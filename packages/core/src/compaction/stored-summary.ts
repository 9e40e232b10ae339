import fs from "node:fs";
import { CodedError, messageText, type ResponseItem } from "@quire/protocol";
import { replayRollout } from "../rollout/replay.ts";
import { parseRollout } from "../rollout/rollout-reader.ts";
import type { StoredThread } from "../rollout/rollout-store.ts";
import { resumeLog, type ThreadLogDeps } from "../thread/open-thread.ts";
import { estimatePiece } from "../turn/estimate-tokens.ts";
import { isSummaryMessage, summaryOf, withSummary } from "./summary-message.ts";

/** The summary that a thread's context begins with. */
export interface StoredSummary {
  /** The words of the compactor, or of the person who changed them. */
  summary: string;
  /** The whole message as the model gets it, facts included. */
  message: string;
}

/** Null when the thread's context was never compacted. The thread may be in use. */
export function readSummary(stored: StoredThread): StoredSummary | null {
  const { history } = replayRollout(parseRollout(fs.readFileSync(stored.path)).records);
  const message = history.findLast(isSummaryMessage);
  return message === undefined ? null : { summary: summaryOf(message), message: messageText(message) };
}

/**
 * Puts other words in the place of a thread's summary, by one more `compacted` line; the old words stay in the log. The
 * facts beside the summary are the harness's and stay. Fails with `thread_busy` while somebody writes to the thread and
 * with `usage_invalid` when it has no summary.
 */
export async function editSummary(
  stored: StoredThread,
  summary: string,
  deps: ThreadLogDeps & { newId: () => string; redact: (text: string) => string },
): Promise<void> {
  const state = await resumeLog(stored, deps);
  try {
    const old = state.history.findLast(isSummaryMessage);
    if (old === undefined) throw noSummary(stored.id);
    const words = deps.redact(summary.trim());
    const edited = withSummary(old, words);
    const history = state.history.map((item) => (item === old ? edited : item));
    const turnId = state.lastTurnContext?.turn_id ?? "";
    const total = tokensOf(history);
    state.log.appendDurably([
      {
        type: "compacted",
        payload: {
          message: words,
          replacement_history: history,
          turn_id: turnId,
          checkpoint: {
            usage: state.usage,
            cost: state.cost,
            plan: [...state.plan],
            turn_context: state.lastTurnContext,
            open_turn_id: null,
            digest: state.digest,
          },
        },
      },
      {
        type: "event_msg",
        payload: {
          type: "item_completed",
          turn_id: turnId,
          item: {
            type: "contextCompaction",
            id: deps.newId(),
            trigger: "edit",
            compactor: "user",
            tokensBefore: total - estimatePiece(edited) + estimatePiece(old),
            tokensAfter: total,
            summary: words,
            leftOut: [],
            error: null,
            completedAtMs: deps.now(),
          },
        },
      },
    ]);
  } finally {
    state.log.close();
    state.releaseLock();
  }
}

function tokensOf(history: readonly ResponseItem[]): number {
  return history.reduce((sum, item) => sum + estimatePiece(item), 0);
}

function noSummary(threadId: string): CodedError {
  return new CodedError("usage_invalid", `the context of thread ${threadId} was never compacted`, {
    nextStep: "There is a summary once it was: automatically near the limit, or on request.",
  });
}
