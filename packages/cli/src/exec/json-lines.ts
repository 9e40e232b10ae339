import type { ExecEvent, ExecItem, ItemStatus, ThreadEvent, ThreadItem, Turn } from "@quire/protocol";

/** State of one `--json` run: item numbers are given in the order in which items first appear. */
export interface JsonLines {
  /** The lines an event becomes; most become one, deltas none. */
  translate(event: ThreadEvent): ExecEvent[];
}

/** Turns thread events into the lines of `exec --json`. */
export function createJsonLines(): JsonLines {
  const numbers = new Map<string, string>();
  let plan: { id: string; steps: Extract<ThreadItem, { type: "todoList" }>["steps"] } | null = null;
  let tokenUsage: Extract<ThreadEvent, { method: "thread/tokenUsage/updated" }>["params"] | null = null;

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
      { type: "error", message: turn.error.message, error: turn.error, will_retry: false },
      { type: "turn.failed", error: turn.error, usage },
    ];
  }

  return {
    translate(event) {
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
          return [{ type: "turn.started" }];
        case "turn/completed":
          return turnEnd(event.params.turn);
        case "thread/tokenUsage/updated":
          tokenUsage = event.params;
          return [];
        case "error": {
          const { error, willRetry, attempt, maxAttempts, delayMs } = event.params;
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
          return line("item.completed", event.params.item, idOf);
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
    },
  };
}

function line(
  type: "item.started" | "item.updated" | "item.completed",
  item: ThreadItem,
  idOf: (item: ThreadItem) => string,
): ExecEvent[] {
  const translated = execItem(item, () => idOf(item));
  return translated ? [{ type, item: translated }] : [];
}

function todoList(id: string, steps: Extract<ThreadItem, { type: "todoList" }>["steps"]): ExecItem {
  return {
    id,
    type: "todo_list",
    items: steps.map((step) => ({
      text: step.step,
      completed: step.status === "completed",
      status: step.status === "inProgress" ? "in_progress" : step.status,
    })),
  };
}

function statusOf(status: ItemStatus) {
  return status === "inProgress" ? "in_progress" : status;
}

function execItem(item: ThreadItem, id: () => string): ExecItem | null {
  switch (item.type) {
    case "userMessage":
    case "todoList":
      return null;
    case "agentMessage":
      return { id: id(), type: "agent_message", text: item.text };
    case "reasoning":
      return { id: id(), type: "reasoning", text: [...item.summary, ...item.content].join("\n\n") };
    case "commandExecution":
      return {
        id: id(),
        type: "command_execution",
        command: item.argv.length > 0 ? displayArgv(item.argv) : item.command,
        aggregated_output: item.aggregatedOutput ?? "",
        exit_code: item.exitCode,
        status:
          item.status === "completed" && item.exitCode !== null && item.exitCode !== 0
            ? "failed"
            : statusOf(item.status),
        output_bytes: item.outputBytes,
        ...(item.durationMs === null ? {} : { duration_ms: item.durationMs }),
        ...(item.processId === null ? {} : { process_id: item.processId }),
        ...(item.error ? { error: item.error } : {}),
      };
    case "fileChange":
      return {
        id: id(),
        type: "file_change",
        changes: item.changes.map((change) => ({
          path: change.path,
          kind: change.kind.type,
          ...(change.kind.type === "update" && change.kind.move_path
            ? { move_path: change.kind.move_path }
            : {}),
          ...(change.diff === "" ? {} : { diff: change.diff }),
          added: change.added,
          removed: change.removed,
        })),
        status: statusOf(item.status),
        ...(item.error ? { error: item.error } : {}),
      };
    case "toolCall":
      return {
        id: id(),
        type: "tool_call",
        tool: item.tool,
        arguments: item.arguments,
        output: item.output,
        status: statusOf(item.status),
        ...(item.error ? { error: item.error } : {}),
      };
    case "webSearch":
      return { id: id(), type: "web_search", query: item.query, action: item.action ?? undefined };
    case "imageView":
      return {
        id: id(),
        type: "image_view",
        path: item.path,
        status: statusOf(item.status),
        ...(item.error ? { error: item.error } : {}),
      };
    case "approval":
      return {
        id: id(),
        type: "approval",
        subject: item.subject,
        reason: item.reason,
        decision: item.decision,
        ...(item.savedPrefix === null ? {} : { saved_prefix: item.savedPrefix }),
      };
    case "warning":
      return { id: id(), type: "error", message: item.message, code: item.code };
  }
}

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** An argument list as one could type it, in the form Codex shows (`/bin/bash -lc 'echo hi'`). */
export function displayArgv(argv: readonly string[]): string {
  return argv.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");
}
