import type { ModelCompletion, ModelEvent, ModelRequest } from "@quire/models";
import { CodedError, type ErrorInfo, type ResponseItem, type TokenUsage } from "@quire/protocol";
import { type PlanPiece, PlanSplitter } from "../plan-mode/proposed-plan.ts";
import { planItemId } from "./model-items.ts";
import type { TurnContext } from "./turn-context.ts";

/** How one call to the model ended. `items` of a failed call are only those worth keeping (an answer cut by a limit). */
export type ModelCallOutcome =
  | { kind: "completed"; items: ResponseItem[]; completion: ModelCompletion }
  | { kind: "failed"; error: ErrorInfo; items: ResponseItem[]; usage: TokenUsage | null };

/** Streams one call, passing deltas on as they come. Nothing is written to the log here: a retried call leaves no trace but its events. */
export async function callModel(
  turn: TurnContext,
  request: ModelRequest,
  entry: { attemptFailed: (error: ErrorInfo) => void },
): Promise<ModelCallOutcome> {
  const { parts, signal, retries } = turn;
  const stream = new StreamedItems(turn);
  for await (const event of parts.client.stream(request, { signal })) {
    if (event.type === "retrying") {
      // Leaving the loop ends the client's call before its next attempt.
      const last = retries.take(event.error);
      if (last !== null) return { kind: "failed", error: last, items: [], usage: null };
      entry.attemptFailed(event.error);
    }
    const outcome = handle(turn, stream, event);
    if (outcome) return outcome;
  }
  throw new CodedError(
    "internal",
    `the model client "${parts.client.provider}" ended its stream without saying how`,
  );
}

function handle(turn: TurnContext, stream: StreamedItems, event: ModelEvent): ModelCallOutcome | null {
  switch (event.type) {
    case "text_delta":
      stream.showText(event.itemId, event.delta);
      return null;
    case "reasoning_delta":
      stream.showReasoning(event.itemId, event.summaryIndex, event.delta);
      return null;
    case "item_done":
      stream.items.push(event.item);
      return null;
    case "retrying":
      stream.reset();
      announceTrouble(turn, event);
      return null;
    case "stalled":
      announceTrouble(turn, event);
      return null;
    case "completed":
      announceLimits(turn, event.completion);
      return { kind: "completed", items: stream.items, completion: event.completion };
    case "failed":
      return {
        kind: "failed",
        error: event.error,
        items: event.error.code === "model_incomplete" ? stream.items.filter(isMessage) : [],
        usage: event.usage,
      };
    case "item_started":
    case "tool_input_delta":
      return null;
  }
}

function announceLimits(turn: TurnContext, { rateLimits }: ModelCompletion): void {
  if (rateLimits === undefined) return;
  const { record } = turn.parts;
  const at = { threadId: record.threadId, turnId: turn.turnId };
  record.publish({ method: "thread/rateLimits/updated", params: { ...at, limits: [...rateLimits] } });
}

/** Tells readers of a retry or a silence; other events are none of their business. */
export function announceTrouble(turn: TurnContext, event: ModelEvent): void {
  const { record } = turn.parts;
  const at = { threadId: record.threadId, turnId: turn.turnId };
  if (event.type === "stalled") {
    record.publish({ method: "turn/stalled", params: { ...at, idleMs: event.idleMs } });
  }
  if (event.type !== "retrying") return;
  const { error, attempt, maxAttempts, delayMs } = event;
  record.publish({
    method: "error",
    params: { ...at, error, willRetry: true, attempt, maxAttempts, delayMs },
  });
}

function isMessage(item: ResponseItem): boolean {
  return item.type === "message";
}

/** What one attempt has streamed so far. */
class StreamedItems {
  items: ResponseItem[] = [];
  #shown = new Set<string>();
  /** Of messages in plan mode. */
  readonly #plans = new Map<string, PlanSplitter>();
  readonly #turn: TurnContext;

  constructor(turn: TurnContext) {
    this.#turn = turn;
  }

  reset(): void {
    this.items = [];
    this.#shown.clear();
    this.#plans.clear();
  }

  /** In plan mode a message may hold a plan, which is an item of its own. */
  showText(itemId: string, delta: string): void {
    if (this.#turn.settings.planMode !== true) {
      this.#showWords(itemId, delta);
      return;
    }
    const splitter = this.#plans.get(itemId) ?? new PlanSplitter();
    this.#plans.set(itemId, splitter);
    for (const piece of splitter.push(delta)) this.#showPiece(itemId, piece);
  }

  #showPiece(itemId: string, { of, text }: PlanPiece): void {
    if (of === "text") {
      // Breaks before the first word are no message yet.
      if (this.#shown.has(itemId) || text.trim() !== "") this.#showWords(itemId, text);
      return;
    }
    const { record } = this.#turn.parts;
    const { turnId } = this.#turn;
    const planId = planItemId(itemId);
    if (!this.#shown.has(planId)) {
      this.#shown.add(planId);
      record.announceStarted(turnId, { type: "plan", id: planId, text: "" });
    }
    record.publish({
      method: "item/plan/delta",
      params: { threadId: record.threadId, turnId, itemId: planId, delta: text },
    });
  }

  #showWords(itemId: string, delta: string): void {
    const { record } = this.#turn.parts;
    const { turnId } = this.#turn;
    if (!this.#shown.has(itemId)) {
      this.#shown.add(itemId);
      record.announceStarted(turnId, { type: "agentMessage", id: itemId, text: "" });
    }
    record.publish({
      method: "item/agentMessage/delta",
      params: { threadId: record.threadId, turnId, itemId, delta },
    });
  }

  showReasoning(itemId: string, summaryIndex: number, delta: string): void {
    const { record } = this.#turn.parts;
    const { turnId } = this.#turn;
    if (!this.#shown.has(itemId)) {
      this.#shown.add(itemId);
      record.announceStarted(turnId, { type: "reasoning", id: itemId, summary: [], content: [] });
    }
    record.publish({
      method: "item/reasoning/summaryTextDelta",
      params: { threadId: record.threadId, turnId, itemId, delta, summaryIndex },
    });
  }
}
