import * as z from "zod/mini";
import { KnownItemsSchema, ThreadDigestSchema } from "./compaction.ts";
import { ErrorInfoSchema } from "./errors.ts";
import { ThreadGoalSchema } from "./goal.ts";
import { ResponseItemSchema } from "./response-item.ts";
import {
  ApprovalPolicySchema,
  ModeKindSchema,
  ReasoningEffortSchema,
  SandboxModeSchema,
} from "./settings.ts";
import { PlanStepSchema, ThreadItemSchema } from "./thread-item.ts";
import { CostSchema, TokenUsageSchema } from "./usage.ts";

/**
 * The lines of a thread's log. The outer shape `{timestamp, ordinal, type, payload}` and the payload names are those of
 * Codex's rollout files; ours add fields and the payloads `item_started` (the intent that is written before a side
 * effect) and `interrupted`. Unknown lines are kept and skipped, never an error: another version may have written them.
 */
/** Whose agent a thread is, in Codex's words. */
export const AgentOriginSchema = z.object({
  parent_thread_id: z.string(),
  /** 1 for agents of a thread that a person began. */
  depth: z.number(),
  /** Such as `/root/map_the_tests`. */
  agent_path: z.nullable(z.string()),
  agent_nickname: z.nullable(z.string()),
  agent_role: z.nullable(z.string()),
});
export type AgentOrigin = z.infer<typeof AgentOriginSchema>;

export const SessionMetaSchema = z.looseObject({
  id: z.string(),
  timestamp: z.string(),
  cwd: z.string(),
  originator: z.string(),
  cli_version: z.string(),
  /** How the thread was begun; an object for the agents of other threads. */
  source: z.union([
    z.string(),
    z.looseObject({
      subagent: z.optional(
        z.union([z.string(), z.looseObject({ thread_spawn: z.optional(AgentOriginSchema) })]),
      ),
    }),
  ]),
  /** The thread that the tree of agents began with; absent where it is this one. */
  session_id: z.optional(z.string()),
  model_provider: z.string(),
  /** The instructions every request of the thread begins with; kept, because a resume must send the same bytes. */
  base_instructions: z.nullable(z.object({ text: z.string() })),
  forked_from_id: z.optional(z.string()),
  git: z.optional(
    z.looseObject({
      commit_hash: z.optional(z.string()),
      branch: z.optional(z.string()),
    }),
  ),
});
export type SessionMeta = z.infer<typeof SessionMetaSchema>;

export const TurnContextSchema = z.looseObject({
  turn_id: z.string(),
  cwd: z.string(),
  model: z.string(),
  model_provider: z.optional(z.string()),
  effort: z.optional(z.nullable(ReasoningEffortSchema)),
  approval_policy: ApprovalPolicySchema,
  sandbox_policy: z.looseObject({ type: SandboxModeSchema }),
  /** Ours; absent: `default`. */
  collaboration_mode: z.optional(ModeKindSchema),
});
export type TurnContextRecord = z.infer<typeof TurnContextSchema>;

export const TokenUsageRecordSchema = z.looseObject({
  turn_id: z.string(),
  response_id: z.nullable(z.string()),
  /** The request's line in the ledger. */
  request_id: z.optional(z.string()),
  /** The thread whose request it was, where a fork has copied the line: the fork has not paid for it. */
  inherited_from: z.optional(z.string()),
  model: z.string(),
  usage: TokenUsageSchema,
  thread_token_usage: TokenUsageSchema,
  /** `compaction`: the call wrote a summary. Absent: it was part of the conversation. */
  purpose: z.optional(z.string()),
  cost: z.optional(z.nullable(CostSchema)),
});

/**
 * What the requests from here on begin with, before the history; written when it changes. With it the log alone says
 * which bytes were sent. `tools` are those of the request in the words of the model interface.
 */
export const RequestHeadSchema = z.looseObject({
  turn_id: z.string(),
  model: z.string(),
  model_provider: z.string(),
  /** Null: those of `session_meta`. */
  instructions: z.nullable(z.string()),
  parallel_tool_calls: z.boolean(),
  tools: z.array(z.looseObject({ kind: z.string(), name: z.string() })),
});
export type RequestHead = z.infer<typeof RequestHeadSchema>;

const turn = { turn_id: z.string() };
export const EventMsgSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("task_started"), ...turn, started_at: z.number() }),
  z.looseObject({
    type: z.literal("task_complete"),
    ...turn,
    last_agent_message: z.nullable(z.string()),
    completed_at: z.number(),
    duration_ms: z.number(),
    error: z.optional(z.nullable(ErrorInfoSchema)),
  }),
  z.looseObject({ type: z.literal("turn_aborted"), ...turn, reason: z.string() }),
  /** The history before this line counts only up to the beginning of this turn; what was spent stays counted. */
  z.looseObject({ type: z.literal("thread_reverted"), before_turn_id: z.string() }),
  /** The goal as it stands from here on; null: there is none. */
  z.looseObject({ type: z.literal("thread_goal_updated"), goal: z.nullable(ThreadGoalSchema) }),
  /** Whether memories may be made of this thread. */
  z.looseObject({ type: z.literal("thread_memory_mode"), mode: z.enum(["enabled", "disabled"]) }),
  z.looseObject({ type: z.literal("item_started"), ...turn, item: ThreadItemSchema }),
  z.looseObject({ type: z.literal("item_completed"), ...turn, item: ThreadItemSchema }),
]);
export type EventMsg = z.infer<typeof EventMsgSchema>;

/** Everything that a thread has come to at a compaction, so that a resume need not read the lines before it. */
export const CheckpointSchema = z.lazy(() =>
  z.object({
    usage: TokenUsageSchema,
    cost: z.nullable(CostSchema),
    plan: z.array(PlanStepSchema),
    turn_context: z.nullable(TurnContextSchema),
    /** The turn that the compaction happened in; null when none was running. */
    open_turn_id: z.nullable(z.string()),
    digest: ThreadDigestSchema,
    /** Absent where there is none. */
    goal: z.optional(ThreadGoalSchema),
    memory_mode: z.optional(z.enum(["enabled", "disabled"])),
  }),
);
export type Checkpoint = z.infer<typeof CheckpointSchema>;

/**
 * The line that puts another history in the place of everything before it. `message` and `replacement_history` are
 * Codex's; older versions of it write no `replacement_history`. The rest is ours.
 */
export const CompactedRecordSchema = z.lazy(() =>
  z.looseObject({
    message: z.string(),
    replacement_history: z.optional(z.nullable(KnownItemsSchema)),
    turn_id: z.optional(z.string()),
    checkpoint: z.optional(CheckpointSchema),
  }),
);
export type CompactedRecord = z.infer<typeof CompactedRecordSchema>;

export const RolloutRecordSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session_meta"), payload: SessionMetaSchema }),
  z.object({ type: z.literal("response_item"), payload: ResponseItemSchema }),
  z.object({ type: z.literal("turn_context"), payload: TurnContextSchema }),
  z.object({ type: z.literal("token_usage_record"), payload: TokenUsageRecordSchema }),
  z.object({ type: z.literal("event_msg"), payload: EventMsgSchema }),
  z.object({ type: z.literal("compacted"), payload: CompactedRecordSchema }),
  z.object({ type: z.literal("request_head"), payload: RequestHeadSchema }),
]);
/** What a line says, without its place in the file. */
export type RolloutRecord = z.infer<typeof RolloutRecordSchema>;

export const RolloutLineSchema = z.object({
  timestamp: z.string(),
  ordinal: z.optional(z.number()),
  type: z.string(),
  payload: z.unknown(),
});

/** Whose agent a thread is by its header; null for one that is nobody's. */
export function agentOrigin(meta: Pick<SessionMeta, "source"> | null): AgentOrigin | null {
  const source = meta?.source;
  if (typeof source !== "object" || typeof source.subagent !== "object") return null;
  return source.subagent.thread_spawn ?? null;
}
