import {
  addUsage,
  type Cost,
  type ErrorInfo,
  type EventMsg,
  NO_USAGE,
  type RolloutRecord,
  type ThreadItem,
  type TokenUsage,
  type TurnStatus,
} from "@quire/protocol";
import { addCost } from "../thread/cost.ts";
import { withoutReverted } from "./reverted-records.ts";

/** One turn as the log tells it. A turn without an end is `inProgress`; only the caller knows whether it still runs. */
export interface RecordedTurn {
  id: string;
  status: TurnStatus;
  error: ErrorInfo | null;
  /** Unix milliseconds; null where the log does not say. */
  startedAtMs: number | null;
  completedAtMs: number | null;
  usage: TokenUsage;
  cost: Cost | null;
  finalText: string | null;
  /** In the order in which they were begun. */
  items: ThreadItem[];
}

/** The turns of a log that still count, oldest first. */
export function readTurns(records: readonly RolloutRecord[]): RecordedTurn[] {
  const turns = new Map<string, RecordedTurn>();
  for (const record of withoutReverted(records)) {
    if (record.type === "token_usage_record") {
      const turn = turns.get(record.payload.turn_id);
      if (!turn) continue;
      turn.usage = addUsage(turn.usage, record.payload.usage);
      turn.cost = addCost(turn.cost, record.payload.cost ?? null);
    } else if (record.type === "event_msg") {
      applyEvent(turns, record.payload);
    }
  }
  return [...turns.values()];
}

function applyEvent(turns: Map<string, RecordedTurn>, event: EventMsg): void {
  switch (event.type) {
    case "task_started":
      turns.set(event.turn_id, newTurn(event.turn_id, event.started_at * 1000));
      break;
    case "task_complete": {
      const turn = turnOf(turns, event.turn_id);
      turn.status = event.error ? "failed" : "completed";
      turn.error = event.error ?? null;
      turn.finalText = event.last_agent_message;
      turn.completedAtMs =
        turn.startedAtMs === null ? event.completed_at * 1000 : turn.startedAtMs + event.duration_ms;
      break;
    }
    case "turn_aborted": {
      const turn = turnOf(turns, event.turn_id);
      turn.status = "interrupted";
      turn.error = { code: "interrupted", message: "the turn was interrupted", retryable: false };
      turn.completedAtMs = turn.items.at(-1)?.completedAtMs ?? turn.startedAtMs;
      break;
    }
    case "item_started":
    case "item_completed":
      putItem(turnOf(turns, event.turn_id), event.item);
      break;
    case "thread_goal_updated":
    case "thread_memory_mode":
    case "thread_reverted":
      break;
  }
}

/** An item keeps its place and the time of its beginning when it completes. */
function putItem(turn: RecordedTurn, item: ThreadItem): void {
  const index = turn.items.findIndex(({ id }) => id === item.id);
  const startedAtMs = turn.items[index]?.startedAtMs ?? item.startedAtMs;
  if (index === -1) turn.items.push(item);
  else turn.items[index] = startedAtMs === undefined ? item : { ...item, startedAtMs };
}

/** A log of another version may not say when a turn began; its items are not lost for that. */
function turnOf(turns: Map<string, RecordedTurn>, id: string): RecordedTurn {
  const known = turns.get(id);
  if (known) return known;
  const turn = newTurn(id, null);
  turns.set(id, turn);
  return turn;
}

function newTurn(id: string, startedAtMs: number | null): RecordedTurn {
  return {
    id,
    status: "inProgress",
    error: null,
    startedAtMs,
    completedAtMs: null,
    usage: NO_USAGE,
    cost: null,
    finalText: null,
    items: [],
  };
}
