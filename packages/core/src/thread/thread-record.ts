import {
  addUsage,
  type Cost,
  type EventMsg,
  type PlanStep,
  type ResponseItem,
  type RolloutRecord,
  type ThreadEvent,
  type ThreadItem,
  type TokenUsage,
  type TurnContextRecord,
} from "@quire/protocol";
import { historyForm } from "../context/history.ts";
import type { RolloutWriter } from "../rollout/rollout-writer.ts";
import { addCost } from "./cost.ts";

export interface ThreadRecordInit {
  threadId: string;
  log: RolloutWriter;
  publish: (event: ThreadEvent) => void;
  now: () => number;
  history: ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
  plan: readonly PlanStep[];
}

/**
 * The one place where a thread's log, its memory of it and its readers meet. Every change goes in this order: written
 * down, remembered, announced; so nothing is ever shown that the log does not hold.
 */
export class ThreadRecord {
  readonly threadId: string;
  readonly history: ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
  plan: readonly PlanStep[];
  readonly #log: RolloutWriter;
  readonly #publish: (event: ThreadEvent) => void;
  readonly #now: () => number;

  constructor(init: ThreadRecordInit) {
    this.threadId = init.threadId;
    this.history = init.history;
    this.usage = init.usage;
    this.cost = init.cost;
    this.plan = init.plan;
    this.#log = init.log;
    this.#publish = init.publish;
    this.#now = init.now;
  }

  publish(event: ThreadEvent): void {
    this.#publish(event);
  }

  event(payload: EventMsg): void {
    this.#log.append([{ type: "event_msg", payload }]);
  }

  turnContext(payload: TurnContextRecord): void {
    this.#log.append([{ type: "turn_context", payload }]);
  }

  /** Adds items to what the model will see next. */
  addHistory(items: readonly ResponseItem[]): void {
    const kept = items.map(historyForm);
    this.#log.append(kept.map((payload): RolloutRecord => ({ type: "response_item", payload })));
    this.history.push(...kept);
  }

  /** Notes the intent to do something, before it is done. */
  itemStarted(turnId: string, item: ThreadItem): ThreadItem {
    const started = { ...item, startedAtMs: this.#now() };
    this.#log.append([
      { type: "event_msg", payload: { type: "item_started", turn_id: turnId, item: started } },
    ]);
    this.announceStarted(turnId, started);
    return started;
  }

  /** For items without side effects: shown at once, written when they are complete. */
  announceStarted(turnId: string, item: ThreadItem): void {
    this.#publish({ method: "item/started", params: { threadId: this.threadId, turnId, item } });
  }

  itemCompleted(turnId: string, item: ThreadItem): void {
    const completed = { ...item, completedAtMs: this.#now() };
    this.#log.append([
      { type: "event_msg", payload: { type: "item_completed", turn_id: turnId, item: completed } },
    ]);
    if (completed.type === "todoList") this.plan = completed.steps;
    this.#publish({ method: "item/completed", params: { threadId: this.threadId, turnId, item: completed } });
  }

  addUsage(
    turnId: string,
    entry: {
      usage: TokenUsage;
      cost: Cost;
      model: string;
      responseId: string | null;
      contextWindow: number | null;
    },
  ): void {
    const total = addUsage(this.usage, entry.usage);
    this.#log.append([
      {
        type: "token_usage_record",
        payload: {
          turn_id: turnId,
          response_id: entry.responseId,
          model: entry.model,
          usage: entry.usage,
          thread_token_usage: total,
          cost: entry.cost,
        },
      },
    ]);
    this.usage = total;
    this.cost = addCost(this.cost, entry.cost);
    this.#publish({
      method: "thread/tokenUsage/updated",
      params: {
        threadId: this.threadId,
        turnId,
        total,
        last: entry.usage,
        totalCost: this.cost,
        modelContextWindow: entry.contextWindow,
      },
    });
  }

  /** Everything so far survives a power cut once this returns. */
  sync(): void {
    this.#log.sync();
  }
}
