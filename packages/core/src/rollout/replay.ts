import {
  addUsage,
  type CompactedRecord,
  type Cost,
  isToolCall,
  isToolOutput,
  NO_USAGE,
  type PlanStep,
  type RequestHead,
  type ResponseItem,
  type RolloutRecord,
  type SessionMeta,
  type ThreadDigest,
  type ThreadGoal,
  type ThreadItem,
  type TokenUsage,
  type ToolCall,
  type TurnContextRecord,
  textMessage,
} from "@quire/protocol";
import { isUserMessage } from "../compaction/replacement-history.ts";
import { addToDigest, emptyDigest } from "../compaction/thread-digest.ts";
import { addCost } from "../thread/cost.ts";
import { withoutReverted } from "./reverted-records.ts";

/** A call that was asked for and has no answer in the log. */
export interface UnansweredCall {
  call: ToolCall;
  /** Null when the log does not even hold an intent: the call was never started. */
  intent: ThreadItem | null;
  /** Set when the call ended and only its answer to the model was not written any more. */
  result: ThreadItem | null;
}

/** What a log amounts to: everything a thread needs to go on. */
export interface ReplayedThread {
  meta: SessionMeta | null;
  history: ResponseItem[];
  usage: TokenUsage;
  cost: Cost | null;
  plan: PlanStep[];
  lastTurnContext: TurnContextRecord | null;
  /** What the last request began with. */
  requestHead: RequestHead | null;
  /** The turn that began and never ended, when the last writer was killed in it. */
  openTurnId: string | null;
  unanswered: UnansweredCall[];
  digest: ThreadDigest;
  goal: ThreadGoal | null;
  memoryMode: "enabled" | "disabled" | null;
}

/** Folds a log into the state it describes. Pure; nothing that the log records is done again. */
export function replayRollout(records: readonly RolloutRecord[]): ReplayedThread {
  const state: ReplayedThread = {
    meta: null,
    history: [],
    usage: NO_USAGE,
    cost: null,
    plan: [],
    lastTurnContext: null,
    requestHead: null,
    openTurnId: null,
    unanswered: [],
    digest: emptyDigest(),
    goal: null,
    memoryMode: null,
  };
  const open = new Map<string, UnansweredCall>();
  for (const record of withoutReverted(records)) {
    switch (record.type) {
      case "session_meta":
        state.meta ??= record.payload;
        break;
      case "response_item":
        state.history.push(record.payload);
        trackCall(open, record.payload);
        break;
      case "turn_context":
        state.lastTurnContext = record.payload;
        break;
      case "token_usage_record":
        state.usage = addUsage(state.usage, record.payload.usage);
        state.cost = addCost(state.cost, record.payload.cost ?? null);
        break;
      case "request_head":
        state.requestHead = record.payload;
        break;
      case "event_msg":
        applyEvent(state, open, record.payload);
        break;
      case "compacted":
        applyCompaction(state, record.payload);
        // Compaction happens between rounds, so no call of the old history is open; those of the new one have answers.
        open.clear();
        break;
    }
  }
  state.unanswered = [...open.values()];
  return state;
}

/** A line without a history is one of an older Codex: it kept the user's words and put its summary behind them. */
function applyCompaction(state: ReplayedThread, record: CompactedRecord): void {
  const { replacement_history: replacement, checkpoint, message } = record;
  state.history = replacement
    ? [...replacement]
    : [...state.history.filter(isUserMessage), textMessage("user", message)];
  if (!checkpoint) return;
  state.digest = structuredClone(checkpoint.digest);
  state.usage = checkpoint.usage;
  state.cost = checkpoint.cost;
  state.plan = checkpoint.plan;
  state.lastTurnContext = checkpoint.turn_context;
  state.openTurnId = checkpoint.open_turn_id;
  state.goal = checkpoint.goal ?? null;
  state.memoryMode = checkpoint.memory_mode ?? null;
}

function trackCall(open: Map<string, UnansweredCall>, item: ResponseItem): void {
  if (isToolCall(item)) open.set(item.call_id, { call: item, intent: null, result: null });
  else if (isToolOutput(item)) {
    open.delete(item.call_id);
  }
}

function applyEvent(
  state: ReplayedThread,
  open: Map<string, UnansweredCall>,
  event: Extract<RolloutRecord, { type: "event_msg" }>["payload"],
): void {
  switch (event.type) {
    case "task_started":
      state.openTurnId = event.turn_id;
      break;
    case "task_complete":
    case "turn_aborted":
      state.openTurnId = null;
      break;
    case "thread_goal_updated":
      state.goal = event.goal;
      break;
    case "thread_memory_mode":
      state.memoryMode = event.mode;
      break;
    case "item_started": {
      const waiting = open.get(event.item.id);
      if (waiting) waiting.intent = event.item;
      break;
    }
    case "item_completed": {
      if (event.item.type === "todoList") state.plan = event.item.steps;
      addToDigest(state.digest, event.item);
      const waiting = open.get(event.item.id);
      if (waiting) waiting.result = event.item;
      break;
    }
  }
}
