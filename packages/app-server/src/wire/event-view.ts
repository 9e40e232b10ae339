import { EvidenceLog } from "@quire/core";
import type { ThreadEvent, ThreadEventOf, ThreadItem } from "@quire/protocol";
import type { ServerNotification, WireItem } from "@quire/protocol/app-server";
import { errorView } from "./error-view.ts";
import { itemView } from "./item-view.ts";
import { NetDiff } from "./net-diff.ts";
import { TurnTests } from "./test-counts.ts";
import { liveTurnView } from "./turn-view.ts";
import { usageView } from "./usage-view.ts";

/**
 * Turns the events of one thread into notifications. It remembers just enough of the running turn: which items were
 * announced, since clients expect every item to start before it completes, the changes so far, and the last answer.
 */
export class EventView {
  readonly #now: () => number;
  /** When each item that is not complete was announced, in Unix milliseconds. */
  #announced = new Map<string, number>();
  #reasoningParts = new Set<string>();
  #diff = new NetDiff();
  #evidence = new EvidenceLog();
  readonly #tests = new TurnTests();
  #answer: WireItem | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  notificationsFor(event: ThreadEvent): ServerNotification[] {
    switch (event.method) {
      case "thread/started":
        return [];
      case "turn/started":
        return this.#turnStarted(event);
      case "turn/completed":
        return this.#turnCompleted(event);
      case "item/started":
        return this.#itemStarted(event.params);
      case "item/updated":
        return this.#itemUpdated(event);
      case "item/completed":
        return this.#itemCompleted(event);
      case "item/reasoning/summaryTextDelta":
        return [...this.#newReasoningPart(event), event];
      case "thread/tokenUsage/updated":
        return [usageUpdated(event)];
      case "error":
        return [{ method: "error", params: { ...event.params, error: errorView(event.params.error) } }];
      case "turn/plan/updated":
      case "thread/rateLimits/updated":
      case "thread/budget/updated":
      case "turn/stalled":
      case "item/agentMessage/delta":
      case "item/plan/delta":
      case "thread/goal/updated":
      case "thread/goal/cleared":
      case "hook/started":
      case "hook/completed":
      case "item/commandExecution/outputDelta":
      case "item/commandExecution/terminalInteraction":
      case "stream/lagged":
        return [event];
    }
  }

  #turnStarted({ params: { threadId, turn } }: ThreadEventOf<"turn/started">): ServerNotification[] {
    this.#announced.clear();
    this.#reasoningParts.clear();
    this.#diff = new NetDiff();
    this.#evidence = new EvidenceLog();
    this.#tests.clear();
    this.#answer = null;
    return [
      { method: "thread/status/changed", params: { threadId, status: { type: "active", activeFlags: [] } } },
      { method: "turn/started", params: { threadId, turn: liveTurnView(turn, []) } },
    ];
  }

  #turnCompleted({ params: { threadId, turn } }: ThreadEventOf<"turn/completed">): ServerNotification[] {
    const evidence = this.#evidence.evidence((id) => this.#tests.of(id));
    const view = { ...liveTurnView(turn, this.#answer === null ? [] : [this.#answer]), evidence };
    const failed: ServerNotification[] =
      view.error === null || turn.status === "interrupted"
        ? []
        : [{ method: "error", params: { threadId, turnId: turn.id, error: view.error, willRetry: false } }];
    return [
      ...failed,
      { method: "thread/status/changed", params: { threadId, status: { type: "idle" } } },
      { method: "turn/completed", params: { threadId, turn: view } },
    ];
  }

  #itemStarted(params: { threadId: string; turnId: string; item: ThreadItem }): ServerNotification[] {
    if (this.#announced.has(params.item.id)) return [];
    const startedAtMs = params.item.startedAtMs ?? this.#now();
    this.#announced.set(params.item.id, startedAtMs);
    this.#tests.begin(params.item);
    const item = { ...itemView(params.item), startedAtMs };
    return [{ method: "item/started", params: { ...params, item, startedAtMs } }];
  }

  #itemUpdated({ params }: ThreadEventOf<"item/updated">): ServerNotification[] {
    const { item: changed, ...at } = params;
    const started = this.#itemStarted(params);
    if (changed.type === "fileChange") {
      const { changes } = changed;
      return [
        ...started,
        { method: "item/fileChange/patchUpdated", params: { ...at, itemId: changed.id, changes } },
      ];
    }
    if (changed.type === "mcpToolCall" && changed.progress !== undefined) {
      const { id: itemId, progress: message } = changed;
      return [...started, { method: "item/mcpToolCall/progress", params: { ...at, itemId, message } }];
    }
    return [...started, { method: "item/updated", params: { ...at, item: itemView(changed) } }];
  }

  #itemCompleted({ params }: ThreadEventOf<"item/completed">): ServerNotification[] {
    const { item: completed, ...at } = params;
    const completedAtMs = completed.completedAtMs ?? this.#now();
    const started = this.#itemStarted({ ...at, item: beforeCompletion(completed) });
    const startedAtMs = this.#announced.get(completed.id) ?? completedAtMs;
    const item = { ...itemView(completed), startedAtMs };
    if (completed.type === "agentMessage") this.#answer = item;
    if (completed.type === "commandExecution") this.#tests.end(completed);
    this.#evidence.add(completed);
    this.#announced.delete(completed.id);
    const notifications: ServerNotification[] = [
      ...started,
      { method: "item/completed", params: { ...at, item, contentTokenCount: null, completedAtMs } },
    ];
    if (completed.type === "warning") {
      const { message, code } = completed;
      notifications.push({ method: "warning", params: { threadId: at.threadId, message, code } });
    }
    if (completed.type === "contextCompaction" && completed.tokensAfter !== null) {
      notifications.push({ method: "thread/compacted", params: at });
    }
    if (completed.type === "fileChange" && completed.status === "completed") {
      this.#diff.add(completed.changes);
      notifications.push({ method: "turn/diff/updated", params: { ...at, diff: this.#diff.text() } });
    }
    return notifications;
  }

  #newReasoningPart({ params }: ThreadEventOf<"item/reasoning/summaryTextDelta">): ServerNotification[] {
    const { delta: _, ...part } = params;
    const key = `${part.itemId}:${part.summaryIndex}`;
    if (this.#reasoningParts.has(key)) return [];
    this.#reasoningParts.add(key);
    return [{ method: "item/reasoning/summaryPartAdded", params: part }];
  }
}

/** An item that was only announced when it was complete began, for its readers, at that moment. */
function beforeCompletion(item: ThreadItem): ThreadItem {
  const { completedAtMs: _, ...rest } = item;
  return item.startedAtMs === undefined && item.completedAtMs !== undefined
    ? { ...rest, startedAtMs: item.completedAtMs }
    : rest;
}

function usageUpdated({ params }: ThreadEventOf<"thread/tokenUsage/updated">): ServerNotification {
  const { threadId, turnId, total, last, spent, totalCost, modelContextWindow } = params;
  return {
    method: "thread/tokenUsage/updated",
    params: {
      threadId,
      turnId,
      tokenUsage: {
        total: usageView(total),
        last: usageView(last),
        ...(spent === undefined ? {} : { spent: usageView(spent) }),
        modelContextWindow,
        totalCost,
      },
    },
  };
}
