import type { Client } from "@quire/client";
import type { Cost } from "@quire/protocol";
import type { ServerNotification, WireTurn } from "@quire/protocol/app-server";
import { BudgetMeter, type Excess } from "./budget.ts";
import {
  AbortedError,
  BudgetExceededError,
  type PartialTurn,
  QuireError,
  TurnFailedError,
} from "./errors.ts";
import type { EventQueue } from "./event-queue.ts";
import { type RunEvent, runEventOf } from "./events.ts";
import type { RunOptions } from "./options.ts";

export interface TurnRun {
  client: Client;
  queue: EventQueue<ServerNotification>;
  threadId: string;
  turnId: string;
  options: RunOptions;
  costBefore: Cost | null;
}

/** Why this side ended the turn. */
type Stop = Excess | { kind: "aborted"; reason: unknown };

/** Passes a turn's events on until it ends, keeping its budget and obeying the caller's signal. */
export async function* followTurn(run: TurnRun): AsyncGenerator<RunEvent, void> {
  const { options, queue } = run;
  const partial: PartialTurn & { items: PartialTurn["items"][number][] } = {
    items: [],
    usage: null,
    cost: null,
  };
  const meter = new BudgetMeter(options);
  meter.startFrom(run.costBefore);
  const brake = new Brake(run);
  let ended: WireTurn | null = null;
  try {
    while (ended === null) {
      const notification = await queue.next();
      if (!belongsTo(notification, run.turnId)) continue;
      if (notification.method === "thread/tokenUsage/updated") {
        const excess = meter.add(notification.params.tokenUsage);
        if (excess) brake.stop(excess);
      }
      if (notification.method === "item/completed") partial.items.push(notification.params.item);
      if (notification.method === "turn/completed") ended = notification.params.turn;
      const event = runEventOf(notification);
      if (event) yield event;
    }
  } finally {
    brake.release();
    // The reader left early: the agent must not go on unseen, and the thread must be free for the next run.
    if (ended === null) await endTurn(run);
  }
  partial.usage = ended.usage ?? null;
  partial.cost = ended.cost ?? null;
  const failure = failureOf(ended, brake.stopped, partial);
  if (failure) throw failure;
}

/** Interrupts the turn for the caller's signal, the time limit or the budget; the first reason counts. */
class Brake {
  stopped: Stop | null = null;
  readonly #run: TurnRun;
  readonly #timer: NodeJS.Timeout | null;
  readonly #onAbort: () => void;

  constructor(run: TurnRun) {
    this.#run = run;
    const { signal, timeoutMs } = run.options;
    this.#onAbort = () => this.stop({ kind: "aborted", reason: signal?.reason });
    this.#timer =
      timeoutMs === undefined
        ? null
        : setTimeout(() => {
            const message = `the run took longer than ${timeoutMs} ms`;
            this.stop({ kind: "budget", budget: "timeoutMs", message });
          }, timeoutMs);
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  stop(why: Stop): void {
    if (this.stopped !== null) return;
    this.stopped = why;
    const { client, threadId, turnId } = this.#run;
    // A turn that has ended by itself meanwhile cannot be interrupted, and need not be.
    client.request("turn/interrupt", { threadId, turnId }).catch(() => undefined);
  }

  release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#run.options.signal?.removeEventListener("abort", this.#onAbort);
  }
}

async function endTurn({ client, queue, threadId, turnId }: TurnRun): Promise<void> {
  try {
    await client.request("turn/interrupt", { threadId, turnId });
    for (;;) {
      const notification = await queue.next();
      if (notification.method === "turn/completed" && belongsTo(notification, turnId)) return;
    }
  } catch {
    // The turn ended by itself, or the engine is gone: either way nothing runs any more.
  }
}

function belongsTo({ params }: ServerNotification, turnId: string): boolean {
  if ("turn" in params) return params.turn.id === turnId;
  if ("turnId" in params) return params.turnId === turnId;
  return true;
}

function failureOf(turn: WireTurn, stopped: Stop | null, partial: PartialTurn): QuireError | null {
  if (turn.status === "completed") return null;
  switch (stopped?.kind) {
    case "aborted":
      return new AbortedError(stopped.reason, partial);
    case "budget":
      return new BudgetExceededError(stopped.budget, stopped.message, partial);
    case "cost_unknown":
      return new QuireError("cost_unknown", stopped.message, {
        nextStep: "Use a model with a known price, or limit tokens instead.",
      });
    default:
      return new TurnFailedError(turn, partial);
  }
}
