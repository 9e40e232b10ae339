import { type ExecEvent, NO_USAGE, type RateLimit, type ThreadGoal } from "@quire/protocol";
import type { ServerNotification, WireItem, WireTurn } from "@quire/protocol/app-server";
import { execItem, type PlanSteps, todoList } from "./exec-item.ts";
import { errorOfTurn, type ThreadTotals, totalsOf } from "./wire-turn.ts";

/** State of one `--json` run: item numbers are given in the order in which items first appear. */
export interface JsonLines {
  /** The lines a notification becomes; most become one, deltas none. */
  translate(notification: ServerNotification): ExecEvent[];
  /** The ends of what running commands have printed since the last call, for readers that asked for deltas. */
  pendingOutput(): ExecEvent[];
}

/** Characters of a running command's output that an update carries. */
const OUTPUT_TAIL = 4000;

interface RunningCommand {
  item: Extract<WireItem, { type: "commandExecution" }>;
  tail: string;
  bytes: number;
  changed: boolean;
}

/** Turns the door's notifications into the lines of `exec --json`. */
export function createJsonLines(): JsonLines {
  /** Of items that are not complete. */
  const numbers = new Map<string, string>();
  let given = 0;
  let plan: { id: string; steps: PlanSteps } | null = null;
  let totals: ThreadTotals | null = null;
  let turnToAnnounce = false;
  let review: ExecEvent | null = null;
  let attempts: { attempt: number; max_attempts?: number } | null = null;
  const commands = new Map<string, RunningCommand>();

  const idOf = (item: WireItem): string => {
    const key = keyOf(item);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const id = `item_${given++}`;
    numbers.set(key, id);
    return id;
  };

  function planEvents(item: Extract<WireItem, { type: "plan" }>): ExecEvent[] {
    const type = plan ? "item.updated" : "item.started";
    plan = { id: plan?.id ?? idOf(item), steps: item.steps ?? [] };
    return [{ type, item: todoList(plan.id, plan.steps) }];
  }

  let goalStatus: string | null = null;

  /** What it uses changes with every request; that is told when it stands differently. */
  function goalEvents(goal: ThreadGoal): ExecEvent[] {
    const { objective, status, tokenBudget, tokensUsed, timeUsedSeconds, reason } = goal;
    if (status === goalStatus) return [];
    goalStatus = status;
    return [
      {
        type: "goal.updated",
        objective,
        status,
        token_budget: tokenBudget,
        tokens_used: tokensUsed,
        time_used_seconds: timeUsedSeconds,
        ...(reason == null ? {} : { reason }),
      },
    ];
  }

  let limits: readonly RateLimit[] = [];

  function turnEnd(turn: WireTurn): ExecEvent[] {
    const events: ExecEvent[] = plan ? [{ type: "item.completed", item: todoList(plan.id, plan.steps) }] : [];
    if (review !== null) events.push(review);
    plan = null;
    review = null;
    const used = turn.usage ?? NO_USAGE;
    const usage = {
      ...(totals?.usage ?? used),
      turn: used,
      ...(totals?.cost ? { cost: totals.cost } : {}),
      ...(turn.cost ? { turn_cost: turn.cost } : {}),
    };
    const rate = limits.length === 0 ? {} : { rate_limits: limits.map(limitLine) };
    const error = errorOfTurn(turn);
    if (error === null) return [...events, { type: "turn.completed", usage, ...rate }];
    return [
      ...events,
      { type: "error", message: error.message, error, will_retry: false, ...attempts },
      { type: "turn.failed", error, usage, ...rate },
    ];
  }

  /** Keeps what an update on a running command needs, and forgets it when the command has ended. */
  function follow(event: ServerNotification): void {
    if (event.method === "item/started" && event.params.item.type === "commandExecution") {
      commands.set(event.params.item.id, { item: event.params.item, tail: "", bytes: 0, changed: false });
    }
    if (event.method === "item/completed") {
      commands.delete(event.params.item.id);
      attempts = null;
    }
    if (event.method !== "item/commandExecution/outputDelta") return;
    const command = commands.get(event.params.itemId);
    if (!command) return;
    command.tail = (command.tail + event.params.delta).slice(-OUTPUT_TAIL);
    command.bytes += Buffer.byteLength(event.params.delta);
    command.changed = true;
  }

  return {
    pendingOutput() {
      const changed = [...commands.values()].filter((command) => command.changed);
      return changed.flatMap((command) => {
        command.changed = false;
        const { item, tail, bytes } = command;
        return line("item.updated", { ...item, aggregatedOutput: tail, outputBytes: bytes }, idOf);
      });
    },
    translate(event) {
      follow(event);
      const lines = linesOf(event);
      if (event.method === "item/completed") numbers.delete(keyOf(event.params.item));
      // What is to be said about the model comes before the turn, as it does in Codex's stream.
      if (!turnToAnnounce || lines.length === 0 || isModelWarning(event)) return lines;
      turnToAnnounce = false;
      return [{ type: "turn.started" }, ...lines];
    },
  };

  /** A search is only known once it is done; readers of Codex's stream wait for its beginning all the same. */
  function lateStart(item: WireItem): ExecEvent[] {
    return item.type === "webSearch" ? line("item.started", item, idOf) : [];
  }

  function linesOf(event: ServerNotification): ExecEvent[] {
    switch (event.method) {
      case "turn/started":
        turnToAnnounce = true;
        return [];
      case "turn/completed":
        return turnEnd(event.params.turn);
      case "thread/tokenUsage/updated":
        totals = totalsOf(event.params);
        return [];
      case "thread/rateLimits/updated":
        ({ limits } = event.params);
        return [];
      case "error": {
        const { willRetry, attempt, maxAttempts, delayMs } = event.params;
        const error = errorOfTurn(event.params);
        // A failure that ends the turn is told with its end.
        if (!willRetry || error === null) return [];
        if (attempt !== undefined) {
          attempts = { attempt, ...(maxAttempts === undefined ? {} : { max_attempts: maxAttempts }) };
        }
        const counted = attempt === undefined ? "" : ` ${attempt}/${maxAttempts ?? "?"}`;
        return [
          {
            type: "error",
            message: `Reconnecting...${counted} (${error.message})`,
            error,
            will_retry: willRetry,
            ...(attempt === undefined ? {} : { attempt }),
            ...(maxAttempts === undefined ? {} : { max_attempts: maxAttempts }),
            ...(delayMs === undefined ? {} : { delay_ms: delayMs }),
          },
        ];
      }
      case "item/started":
        return isUnderWay(event.params.item) ? line("item.started", event.params.item, idOf) : [];
      case "item/updated":
        return event.params.item.type === "plan" ? [] : line("item.updated", event.params.item, idOf);
      case "item/completed":
        if (event.params.item.type === "plan" && event.params.item.steps != null)
          return planEvents(event.params.item);
        if (event.params.item.type === "exitedReviewMode") review = reviewLine(event.params.item);
        return [...lateStart(event.params.item), ...line("item.completed", event.params.item, idOf)];
      case "thread/goal/updated":
        return goalEvents(event.params.goal);
      case "turn/stalled": {
        const seconds = Math.round(event.params.idleMs / 1000);
        return [
          {
            type: "error",
            message: `The model has been silent for ${seconds} s; still waiting.`,
            will_retry: true,
          },
        ];
      }
      default:
        return [];
    }
  }
}

const keyOf = ({ type, id }: WireItem) => `${type}:${id}`;

/** Text is complete or nothing here, as it is in Codex's stream; so is what was only announced when it was complete. */
function isUnderWay(item: WireItem): boolean {
  return "status" in item && item.status === "inProgress";
}

/** The findings as data, behind the message that says them in words. */
function reviewLine({ result }: Extract<WireItem, { type: "exitedReviewMode" }>): ExecEvent {
  const id = "review";
  if (result != null) return { type: "item.completed", item: { id, type: "review", ...result } };
  const message = "the reviewer did not answer in the form it was asked for; its words are shown as they are";
  return { type: "item.completed", item: { id, type: "error", message, code: "review_unstructured" } };
}

function isModelWarning(event: ServerNotification): boolean {
  if (event.method !== "item/completed" || event.params.item.type !== "warning") return false;
  return event.params.item.code.startsWith("model_");
}

function line(
  type: "item.started" | "item.updated" | "item.completed",
  item: WireItem,
  idOf: (item: WireItem) => string,
): ExecEvent[] {
  const translated = execItem(item, () => idOf(item));
  return translated ? [{ type, item: translated }] : [];
}

function limitLine({ name, limit, remaining, usedPercent, resetAt }: RateLimit) {
  return { name, limit, remaining, used_percent: usedPercent, reset_at: resetAt };
}
