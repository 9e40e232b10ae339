import {
  addUsage,
  type Checkpoint,
  type ContextCompactionItem,
  type Cost,
  type EventMsg,
  isToolCall,
  NO_USAGE,
  type PlanStep,
  type RequestHead,
  type ResponseItem,
  type RolloutRecord,
  type ThreadDigest,
  type ThreadEvent,
  type ThreadGoal,
  type ThreadItem,
  type TokenUsage,
  type TurnContextRecord,
} from "@quire/protocol";
import type { RunningCommand } from "../compaction/summary-message.ts";
import { addToDigest } from "../compaction/thread-digest.ts";
import { historyForm } from "../context/history.ts";
import type { Redactor } from "../redaction/redactor.ts";
import type { RolloutWriter } from "../rollout/rollout-writer.ts";
import { addCost } from "./cost.ts";
import { isDelta, RedactedDeltas } from "./redacted-deltas.ts";

export interface ThreadRecordInit {
  threadId: string;
  log: RolloutWriter;
  publish: (event: ThreadEvent) => void;
  redactor: Redactor;
  now: () => number;
  history: ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
  plan: readonly PlanStep[];
  digest: ThreadDigest;
  /** What the log's last request began with. */
  requestHead: RequestHead | null;
  goal: ThreadGoal | null;
  memoryMode: "enabled" | "disabled" | null;
}

/**
 * The one place where a thread's log, its memory of it and its readers meet. Every change goes in this order: written
 * down, remembered, announced; so nothing is ever shown that the log does not hold. And nothing gets past it with a
 * secret in it: what the model sees next is read from here as well.
 */
export class ThreadRecord {
  readonly threadId: string;
  /** What the model is shown; it only grows, and is another array after a compaction. */
  history: ResponseItem[];
  digest: ThreadDigest;
  usage: TokenUsage;
  cost: Cost | null;
  plan: readonly PlanStep[];
  /** What the thread works towards. */
  goal: ThreadGoal | null;
  /** Whether memories may be made of the thread; null: as the configuration says. */
  memoryMode: "enabled" | "disabled" | null;
  readonly #log: RolloutWriter;
  readonly #publish: (event: ThreadEvent) => void;
  readonly #redactor: Redactor;
  readonly #deltas: RedactedDeltas;
  readonly #now: () => number;
  #callIds: Set<string>;
  #turnContext: TurnContextRecord | null = null;
  /** Told of items as they begin and end, while a turn wants to know. */
  observer: { started(item: ThreadItem): void; completed(item: ThreadItem): void } | null = null;
  readonly #running = new Map<string, RunningCommand>();
  #head: string | null;
  /** What clients measure the context by: what other threads have used for this one says nothing of it. */
  #lastRequest: { usage: TokenUsage; contextWindow: number | null } | null = null;
  /** The last turn that was charged to the goal. */
  #goalTurnId: string | null = null;

  constructor(init: ThreadRecordInit) {
    this.threadId = init.threadId;
    this.history = init.history;
    this.usage = init.usage;
    this.cost = init.cost;
    this.plan = init.plan;
    this.digest = init.digest;
    this.goal = init.goal;
    this.memoryMode = init.memoryMode;
    this.#callIds = callIdsIn(init.history);
    this.#log = init.log;
    this.#publish = init.publish;
    this.#redactor = init.redactor;
    this.#deltas = new RedactedDeltas(init.redactor);
    this.#now = init.now;
    this.#head = init.requestHead === null ? null : headText(init.requestHead);
  }

  publish(event: ThreadEvent): void {
    if (event.method === "item/updated") this.#follow(event.params.item);
    if (!isDelta(event)) {
      // Texts that were streamed and will be streamed anew, or never end.
      if (event.method === "error" || event.method === "turn/completed") this.#deltas.clear();
      this.#publish(this.redact(event));
      return;
    }
    const delta = this.#deltas.push(event);
    if (delta !== null) this.#publish(delta);
  }

  /** The same without secrets, for what leaves the thread by another way than its events. */
  redact<T>(value: T): T {
    return this.#redactor.redactAll(value);
  }

  event(payload: EventMsg): void {
    this.#log.append([{ type: "event_msg", payload: this.redact(payload) }]);
  }

  turnContext(payload: TurnContextRecord): void {
    this.#log.append([{ type: "turn_context", payload }]);
    this.#turnContext = payload;
  }

  /** Notes what requests begin with from now on, if it is not as it was. */
  requestHead(payload: RequestHead): void {
    const head = this.redact(payload);
    const text = headText(head);
    if (text === this.#head) return;
    this.#log.append([{ type: "request_head", payload: head }]);
    this.#head = text;
  }

  setGoal(goal: ThreadGoal | null, turnId: string | null): void {
    const kept = this.redact(goal);
    this.#log.append([{ type: "event_msg", payload: { type: "thread_goal_updated", goal: kept } }]);
    this.goal = kept;
    const { threadId } = this;
    if (kept === null) this.#publish({ method: "thread/goal/cleared", params: { threadId } });
    else this.#publish({ method: "thread/goal/updated", params: { threadId, turnId, goal: kept } });
  }

  setMemoryMode(mode: "enabled" | "disabled"): void {
    this.#log.append([{ type: "event_msg", payload: { type: "thread_memory_mode", mode } }]);
    this.memoryMode = mode;
  }

  /** Adds items to what the model will see next. */
  addHistory(items: readonly ResponseItem[]): void {
    const kept = items.map((item) => this.redact(historyForm(item)));
    this.#log.append(kept.map((payload): RolloutRecord => ({ type: "response_item", payload })));
    for (const item of kept) {
      this.history.push(item);
      if (isToolCall(item)) this.#callIds.add(item.call_id);
    }
  }

  /** Whether a call of this id is in the history. */
  holdsCall(callId: string): boolean {
    return this.#callIds.has(callId);
  }

  /** Commands that were started and have not ended. */
  get runningCommands(): RunningCommand[] {
    return [...this.#running.values()].map((command) => this.redact(command));
  }

  /**
   * Puts another history in the place of the present one. It is in force only once the log holds it durably; until then,
   * and when that fails, everything stays as it was.
   */
  compact(
    turnId: string,
    change: { history: readonly ResponseItem[]; item: ContextCompactionItem; requestsLeftOut: number },
  ): void {
    const history = change.history.map((item) => this.redact(item));
    const item = { ...this.redact(change.item), completedAtMs: this.#now() };
    const digest = { ...this.digest, requestsLeftOut: this.digest.requestsLeftOut + change.requestsLeftOut };
    const checkpoint: Checkpoint = {
      usage: this.usage,
      cost: this.cost,
      plan: [...this.plan],
      turn_context: this.#turnContext,
      open_turn_id: turnId,
      digest,
      ...(this.goal === null ? {} : { goal: this.goal }),
      ...(this.memoryMode === null ? {} : { memory_mode: this.memoryMode }),
    };
    this.#log.appendDurably([
      {
        type: "compacted",
        payload: { message: item.summary ?? "", replacement_history: history, turn_id: turnId, checkpoint },
      },
      { type: "event_msg", payload: { type: "item_completed", turn_id: turnId, item } },
    ]);
    this.history = history;
    this.digest = digest;
    this.#callIds = callIdsIn(history);
    this.#publish({ method: "item/completed", params: { threadId: this.threadId, turnId, item } });
  }

  /** Notes the intent to do something, before it is done. */
  itemStarted(turnId: string, item: ThreadItem): ThreadItem {
    const started = { ...this.redact(item), startedAtMs: this.#now() };
    this.#follow(item);
    this.observer?.started(item);
    this.#log.append([
      { type: "event_msg", payload: { type: "item_started", turn_id: turnId, item: started } },
    ]);
    this.#publish({ method: "item/started", params: { threadId: this.threadId, turnId, item: started } });
    return started;
  }

  /** For items without side effects: shown at once, written when they are complete. */
  announceStarted(turnId: string, item: ThreadItem): void {
    this.publish({ method: "item/started", params: { threadId: this.threadId, turnId, item } });
  }

  itemCompleted(turnId: string, item: ThreadItem): void {
    for (const rest of this.#deltas.end(item.id)) this.#publish(rest);
    const completed = { ...this.redact(item), completedAtMs: this.#now() };
    this.#log.append([
      { type: "event_msg", payload: { type: "item_completed", turn_id: turnId, item: completed } },
    ]);
    if (completed.type === "todoList") this.plan = completed.steps;
    this.#running.delete(item.id);
    addToDigest(this.digest, completed);
    this.observer?.completed(item);
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
      /** The id of the request's line in the ledger; absent for what another thread has entered there. */
      requestId?: string;
      /** Absent for the requests of the turn itself. */
      purpose?: string;
    },
  ): void {
    const total = addUsage(this.usage, entry.usage);
    this.#log.append([
      {
        type: "token_usage_record",
        payload: {
          turn_id: turnId,
          response_id: entry.responseId,
          ...(entry.requestId === undefined ? {} : { request_id: entry.requestId }),
          ...(entry.purpose === undefined ? {} : { purpose: entry.purpose }),
          model: entry.model,
          usage: entry.usage,
          thread_token_usage: total,
          cost: entry.cost,
        },
      },
    ]);
    this.usage = total;
    this.cost = addCost(this.cost, entry.cost);
    const isOwn = entry.requestId !== undefined;
    if (isOwn) this.#lastRequest = { usage: entry.usage, contextWindow: entry.contextWindow };
    const { usage: last, contextWindow } = this.#lastRequest ?? { ...entry, usage: NO_USAGE };
    if (this.goal?.status === "active") this.#goalTurnId = turnId;
    // A turn that wraps up still works towards it.
    if (this.goal !== null && this.#goalTurnId === turnId) {
      const { input_tokens, cached_input_tokens, output_tokens } = entry.usage;
      const used = Math.max(0, input_tokens - cached_input_tokens) + output_tokens;
      this.setGoal({ ...this.goal, tokensUsed: this.goal.tokensUsed + used }, turnId);
    }
    this.#publish({
      method: "thread/tokenUsage/updated",
      params: {
        threadId: this.threadId,
        turnId,
        total,
        last,
        ...(isOwn ? {} : { spent: entry.usage }),
        totalCost: this.cost,
        modelContextWindow: contextWindow,
      },
    });
  }

  /** Keeps in mind what runs. */
  #follow(item: ThreadItem): void {
    if (item.type !== "commandExecution" || item.source === "unifiedExecInteraction") return;
    this.#running.set(item.id, { command: item.command, processId: item.processId });
  }

  /** Everything so far survives a power cut once this returns. */
  sync(): void {
    this.#log.sync();
  }
}

function callIdsIn(history: readonly ResponseItem[]): Set<string> {
  return new Set(history.filter(isToolCall).map((call) => call.call_id));
}

/** All of a head but the turn that it was noted in. */
function headText({ turn_id: _turn, ...head }: RequestHead): string {
  return JSON.stringify(head);
}
