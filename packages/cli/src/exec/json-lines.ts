import type { CommandExecutionItem, ExecEvent, ThreadEvent, ThreadItem, Turn } from "@quire/protocol";
import { execItem, todoList } from "./exec-item.ts";

/** State of one `--json` run: item numbers are given in the order in which items first appear. */
export interface JsonLines {
  /** The lines an event becomes; most become one, deltas none. */
  translate(event: ThreadEvent): ExecEvent[];
  /** The ends of what running commands have printed since the last call, for readers that asked for deltas. */
  pendingOutput(): ExecEvent[];
}

/** Characters of a running command's output that an update carries. */
const OUTPUT_TAIL = 4000;

interface RunningCommand {
  item: CommandExecutionItem;
  tail: string;
  bytes: number;
  changed: boolean;
}

/** Turns thread events into the lines of `exec --json`. */
export function createJsonLines(): JsonLines {
  const numbers = new Map<string, string>();
  let plan: { id: string; steps: Extract<ThreadItem, { type: "todoList" }>["steps"] } | null = null;
  let tokenUsage: Extract<ThreadEvent, { method: "thread/tokenUsage/updated" }>["params"] | null = null;
  let turnToAnnounce = false;
  let attempts: { attempt: number; max_attempts?: number } | null = null;
  const commands = new Map<string, RunningCommand>();

  const idOf = (item: ThreadItem): string => {
    const key = `${item.type}:${item.id}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const id = `item_${numbers.size}`;
    numbers.set(key, id);
    return id;
  };

  function planEvents(item: Extract<ThreadItem, { type: "todoList" }>): ExecEvent[] {
    const type = plan ? "item.updated" : "item.started";
    plan = { id: plan?.id ?? idOf(item), steps: item.steps };
    return [{ type, item: todoList(plan.id, item.steps) }];
  }

  function turnEnd(turn: Turn): ExecEvent[] {
    const events: ExecEvent[] = plan ? [{ type: "item.completed", item: todoList(plan.id, plan.steps) }] : [];
    plan = null;
    const total = tokenUsage?.total ?? turn.usage;
    const usage = {
      ...total,
      turn: turn.usage,
      ...(tokenUsage?.totalCost ? { cost: tokenUsage.totalCost } : {}),
      ...(turn.cost ? { turn_cost: turn.cost } : {}),
    };
    if (turn.error === null) return [...events, { type: "turn.completed", usage }];
    return [
      ...events,
      { type: "error", message: turn.error.message, error: turn.error, will_retry: false, ...attempts },
      { type: "turn.failed", error: turn.error, usage },
    ];
  }

  /** Keeps what an update on a running command needs, and forgets it when the command has ended. */
  function follow(event: ThreadEvent): void {
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
      // What is to be said about the model comes before the turn, as it does in Codex's stream.
      const turnStarts = turnToAnnounce && !isModelWarning(event);
      if (turnStarts) turnToAnnounce = false;
      return [...(turnStarts ? [{ type: "turn.started" } as const] : []), ...linesOf(event)];
    },
  };

  /** A search is only known once it is done; readers of Codex's stream wait for its beginning all the same. */
  function lateStart(item: ThreadItem): ExecEvent[] {
    return item.type === "webSearch" ? line("item.started", item, idOf) : [];
  }

  function linesOf(event: ThreadEvent): ExecEvent[] {
    switch (event.method) {
      case "thread/started": {
        const { threadId, rolloutPath } = event.params;
        return [
          {
            type: "thread.started",
            thread_id: threadId,
            ...(rolloutPath ? { rollout_path: rolloutPath } : {}),
          },
        ];
      }
      case "turn/started":
        turnToAnnounce = true;
        return [];
      case "turn/completed":
        return turnEnd(event.params.turn);
      case "thread/tokenUsage/updated":
        tokenUsage = event.params;
        return [];
      case "error": {
        const { error, willRetry, attempt, maxAttempts, delayMs } = event.params;
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
        // Text items are complete or nothing here, as they are in Codex's stream.
        if (event.params.item.type === "agentMessage" || event.params.item.type === "reasoning") return [];
        if (event.params.item.type === "todoList") return [];
        return line("item.started", event.params.item, idOf);
      case "item/updated":
        return event.params.item.type === "todoList" ? [] : line("item.updated", event.params.item, idOf);
      case "item/completed":
        if (event.params.item.type === "todoList") return planEvents(event.params.item);
        return [...lateStart(event.params.item), ...line("item.completed", event.params.item, idOf)];
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

function isModelWarning(event: ThreadEvent): boolean {
  if (event.method !== "item/completed" || event.params.item.type !== "warning") return false;
  return event.params.item.code.startsWith("model_");
}

function line(
  type: "item.started" | "item.updated" | "item.completed",
  item: ThreadItem,
  idOf: (item: ThreadItem) => string,
): ExecEvent[] {
  const translated = execItem(item, () => idOf(item));
  return translated ? [{ type, item: translated }] : [];
}
