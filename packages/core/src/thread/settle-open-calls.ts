import type { ResponseItem, ThreadItem } from "@quire/protocol";
import type { UnansweredCall } from "../rollout/replay.ts";
import { answerTo } from "../turn/call-answer.ts";

/** What has to be added to a log whose last writer was stopped in the middle of its calls. */
export interface SettledCall {
  historyItem: ResponseItem;
  /** Null when the log already holds how the call ended. */
  threadItem: ThreadItem | null;
}

/**
 * Answers every open call truthfully: it ended and the answer was lost, it was started and nobody knows how it ended, or
 * it never started. Nothing is run again.
 */
export function settleOpenCalls(open: readonly UnansweredCall[]): SettledCall[] {
  return open.map(({ call, intent, result }) => {
    if (result) {
      return { historyItem: answerTo(call, lostAnswer(result)), threadItem: null };
    }
    if (!intent) {
      return {
        historyItem: answerTo(call, "Not run: Quire was stopped before this call was started."),
        threadItem: null,
      };
    }
    const message =
      "Outcome unknown: Quire was stopped while this was running. It has not been run again. Look at the state of the files before you repeat it.";
    return { historyItem: answerTo(call, message), threadItem: asUnknown(intent, message) };
  });
}

function lostAnswer(result: ThreadItem): string {
  if (result.type === "commandExecution") {
    const ending = result.exitCode === null ? result.status : `exit code ${result.exitCode}`;
    return `The command ended (${ending}).\nOutput:\n${result.aggregatedOutput ?? ""}`;
  }
  return `Ended with status: ${"status" in result ? result.status : "completed"}.`;
}

function asUnknown(item: ThreadItem, message: string): ThreadItem {
  if (!("status" in item)) return item;
  const unknown = { ...item, status: "unknown" as const };
  return "error" in unknown
    ? { ...unknown, error: { code: "outcome_unknown" as const, message, retryable: false } }
    : unknown;
}
