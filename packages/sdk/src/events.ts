import type { Cost, ErrorInfo, TokenUsage } from "@quire/protocol";
import type { ServerNotification, WireItem, WireTurn } from "@quire/protocol/app-server";

/** What happens during a run, in order. The last event is `turn.completed` or `turn.failed`. */
export type RunEvent =
  | { type: "thread.started"; threadId: string }
  | { type: "turn.started"; turnId: string }
  | { type: "item.started"; item: WireItem }
  | { type: "item.updated"; item: WireItem }
  | { type: "item.completed"; item: WireItem }
  /** A piece of an answer; the whole text comes with its `item.completed`. */
  | { type: "text.delta"; itemId: string; delta: string }
  | { type: "reasoning.delta"; itemId: string; delta: string }
  | { type: "output.delta"; itemId: string; delta: string }
  | { type: "plan.updated"; steps: readonly { step: string; status: string }[] }
  | { type: "diff.updated"; diff: string }
  /** A call to the model failed and is made again; what it streamed is void. */
  | { type: "retrying"; error: ErrorInfo | null; message: string }
  | { type: "warning"; message: string; code: string | null }
  | { type: "turn.completed"; turnId: string; usage: TokenUsage | null; cost: Cost | null }
  | { type: "turn.failed"; turnId: string; error: { code: string; message: string } };

/** What a notification means to the reader of a run; null when it is nothing for them. @internal */
export function runEventOf(notification: ServerNotification): RunEvent | null {
  const { method, params } = notification;
  switch (method) {
    case "turn/started":
      return { type: "turn.started", turnId: params.turn.id };
    case "item/started":
      return { type: "item.started", item: params.item };
    case "item/updated":
      return { type: "item.updated", item: params.item };
    case "item/completed":
      return { type: "item.completed", item: params.item };
    case "item/agentMessage/delta":
      return { type: "text.delta", itemId: params.itemId, delta: params.delta };
    case "item/reasoning/summaryTextDelta":
      return { type: "reasoning.delta", itemId: params.itemId, delta: params.delta };
    case "item/commandExecution/outputDelta":
      return { type: "output.delta", itemId: params.itemId, delta: params.delta };
    case "turn/plan/updated":
      return { type: "plan.updated", steps: params.plan };
    case "turn/diff/updated":
      return { type: "diff.updated", diff: params.diff };
    case "warning":
      return { type: "warning", message: params.message, code: params.code ?? null };
    case "error":
      if (!params.willRetry) return null;
      return { type: "retrying", error: params.error.error ?? null, message: params.error.message };
    case "turn/completed":
      return turnEnd(params.turn);
    default:
      return null;
  }
}

function turnEnd(turn: WireTurn): RunEvent {
  if (turn.status === "completed") {
    return { type: "turn.completed", turnId: turn.id, usage: turn.usage ?? null, cost: turn.cost ?? null };
  }
  const code = turn.error?.error?.code ?? (turn.status === "interrupted" ? "interrupted" : "turn_failed");
  return { type: "turn.failed", turnId: turn.id, error: { code, message: turn.error?.message ?? code } };
}
