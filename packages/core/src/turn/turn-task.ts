import type { ErrorInfo, ResponseItem, ThreadEventOf, ThreadItem } from "@quire/protocol";
import type { ThreadRecord } from "../thread/thread-record.ts";
import type { TurnContext } from "./turn-context.ts";

/** What a turn has come to so far. */
export interface Progress {
  finalText: string | null;
  error: ErrorInfo | null;
}

/** What a task may do to the turn that it is the work of. Everything is logged and announced under that turn. */
export interface TaskScope {
  readonly turnId: string;
  /** Aborts when the turn is interrupted. */
  readonly signal: AbortSignal;
  /** Notes the intent, before it is worked on. */
  started(item: ThreadItem): void;
  updated(item: ThreadItem): void;
  completed(item: ThreadItem): void;
  outputDelta(itemId: string, delta: string): void;
  /** Passes on that a call to a model has to be made again, or takes long. */
  tell(event: ThreadEventOf<"error"> | ThreadEventOf<"turn/stalled">): void;
  /** Adds what the model is to know in later turns. */
  remember(items: readonly ResponseItem[]): void;
  /** Counts what another thread has used for the turn, and has entered in the ledger. */
  bill(entry: Parameters<ThreadRecord["addUsage"]>[1]): void;
}

export interface TaskEnd {
  finalText: string | null;
  error: ErrorInfo | null;
}

/** The work of a turn that is not a conversation with the model: a command of the user's, a review in another thread. */
export type TurnTask = (scope: TaskScope) => Promise<TaskEnd>;

export async function runTask(turn: TurnContext, task: TurnTask, progress: Progress): Promise<void> {
  const { finalText, error } = await task(taskScope(turn));
  progress.finalText = finalText;
  progress.error = error;
}

/** What a task of this turn may do. */
export function taskScope({ turnId, signal, bill, parts: { record } }: TurnContext): TaskScope {
  const at = { threadId: record.threadId, turnId };
  return {
    turnId,
    signal,
    started: (item) => {
      record.itemStarted(turnId, item);
    },
    updated: (item) => record.publish({ method: "item/updated", params: { ...at, item } }),
    completed: (item) => record.itemCompleted(turnId, item),
    outputDelta: (itemId, delta) =>
      record.publish({ method: "item/commandExecution/outputDelta", params: { ...at, itemId, delta } }),
    tell: (event) =>
      record.publish(
        event.method === "error"
          ? { ...event, params: { ...event.params, ...at } }
          : { ...event, params: { ...event.params, ...at } },
      ),
    remember: (items) => record.addHistory(items),
    bill: (entry) => bill.addElsewhere(entry),
  };
}
