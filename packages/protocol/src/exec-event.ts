import * as z from "zod/mini";
import { CollabAgentStateSchema } from "./agent-state.ts";
import { ErrorInfoSchema } from "./errors.ts";
import { GoalStatusSchema } from "./goal.ts";
import { ReviewResultSchema } from "./review.ts";
import { CheckedRuleSchema, CompactionTriggerSchema } from "./thread-item.ts";
import { CostSchema, TokenUsageSchema } from "./usage.ts";

/**
 * The lines of `quire exec --json`. Names and fields follow `codex exec --json`; fields that Codex lacks are optional
 * or new, so a client written for Codex reads these lines unchanged.
 */
const status = z.enum(["in_progress", "completed", "failed", "declined", "unknown"]);
const error = z.optional(z.nullable(ErrorInfoSchema));
const id = z.string();

/** Where an agent stands. What is optional is ours. */
const agentState = z.extend(CollabAgentStateSchema, {
  status: z.enum(["pending_init", "running", "interrupted", "completed", "errored", "shutdown", "not_found"]),
});

export const ExecItemSchema = z.discriminatedUnion("type", [
  z.object({ id, type: z.literal("agent_message"), text: z.string() }),
  z.object({ id, type: z.literal("reasoning"), text: z.string() }),
  z.object({
    id,
    type: z.literal("command_execution"),
    command: z.string(),
    aggregated_output: z.string(),
    exit_code: z.nullable(z.number()),
    status,
    duration_ms: z.optional(z.number()),
    output_bytes: z.optional(z.number()),
    process_id: z.optional(z.string()),
    error,
  }),
  z.object({
    id,
    type: z.literal("file_change"),
    changes: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(["add", "delete", "update"]),
        move_path: z.optional(z.string()),
        diff: z.optional(z.string()),
        added: z.optional(z.number()),
        removed: z.optional(z.number()),
      }),
    ),
    status,
    error,
  }),
  z.object({
    id,
    type: z.literal("todo_list"),
    items: z.array(z.object({ text: z.string(), completed: z.boolean(), status: z.optional(z.string()) })),
  }),
  /** Ours: what the agent proposes in plan mode, in Markdown. */
  z.object({ id, type: z.literal("plan"), text: z.string() }),
  z.object({
    id,
    type: z.literal("tool_call"),
    tool: z.string(),
    arguments: z.string(),
    output: z.nullable(z.string()),
    status,
    error,
  }),
  z.object({
    id,
    type: z.literal("mcp_tool_call"),
    server: z.string(),
    tool: z.string(),
    arguments: z.unknown(),
    result: z.nullable(
      z.object({
        content: z.array(z.looseObject({ type: z.string() })),
        structured_content: z.unknown(),
      }),
    ),
    error: z.nullable(ErrorInfoSchema),
    status,
    duration_ms: z.optional(z.number()),
  }),
  z.object({ id, type: z.literal("web_search"), query: z.string(), action: z.optional(z.unknown()) }),
  z.object({ id, type: z.literal("image_view"), path: z.string(), status, error }),
  z.object({
    id,
    type: z.literal("approval"),
    subject: z.string(),
    reason: z.string(),
    decision: z.string(),
    saved_prefix: z.optional(z.array(z.string())),
  }),
  /** Ours: older history gave way to a summary. Tokens are estimates of the next request. */
  z.object({
    id,
    type: z.literal("context_compaction"),
    trigger: CompactionTriggerSchema,
    compactor: z.string(),
    tokens_before: z.number(),
    /** Null while it is under way, or when nothing was changed. */
    tokens_after: z.nullable(z.number()),
    summary: z.nullable(z.string()),
    left_out: z.array(z.string()),
    error,
  }),
  /** What the network proxy decided about a host for one command. */
  z.object({
    id,
    type: z.literal("network_access"),
    host: z.string(),
    ports: z.array(z.number()),
    verdict: z.enum(["allow", "deny"]),
    rule: z.string(),
    count: z.number(),
  }),
  /** Ours: what the enforced statements of AGENTS.md came to when the model yielded. */
  z.object({
    id,
    type: z.literal("rule_check"),
    outcome: z.enum(["passed", "failed", "unchecked"]),
    /** Whether the model was told and the turn went on. */
    handed_back: z.boolean(),
    checks: z.array(CheckedRuleSchema),
  }),
  /** A call about other agents, by Codex's name for it. States by thread id. */
  z.object({
    id,
    type: z.literal("collab_tool_call"),
    tool: z.string(),
    sender_thread_id: z.string(),
    receiver_thread_ids: z.array(z.string()),
    prompt: z.nullable(z.string()),
    agents_states: z.record(z.string(), agentState),
    status: z.enum([...status.options, "interrupted"]),
    error,
  }),
  /** Ours: an agent began or ended a task, or told another one something (`told`). */
  z.object({
    id,
    type: z.literal("subagent_activity"),
    kind: z.enum(["started", "interacted", "interrupted", "completed"]),
    thread_id: z.string(),
    path: z.string(),
    model: z.nullable(z.string()),
    state: z.optional(agentState),
    told: z.optional(z.object({ to: z.string(), message: z.string() })),
  }),
  z.object({ id, type: z.literal("error"), message: z.string(), code: z.optional(z.string()) }),
  /** What a review found, beside the agent message that says it in words. */
  z.object({ id, type: z.literal("review"), ...ReviewResultSchema.shape }),
]);
export type ExecItem = z.infer<typeof ExecItemSchema>;

const usage = z.extend(TokenUsageSchema, {
  /** What this turn alone used; the plain fields count the whole thread, as Codex's do. */
  turn: z.optional(TokenUsageSchema),
  cost: z.optional(CostSchema),
  turn_cost: z.optional(CostSchema),
});

/** What the endpoint said of its limits with its last answer; `reset_at` in Unix seconds. */
const rateLimits = z.optional(
  z.array(
    z.object({
      name: z.string(),
      limit: z.nullable(z.number()),
      remaining: z.nullable(z.number()),
      used_percent: z.nullable(z.number()),
      reset_at: z.nullable(z.number()),
    }),
  ),
);

export const ExecEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("thread.started"),
    thread_id: z.string(),
    rollout_path: z.optional(z.string()),
  }),
  z.object({ type: z.literal("turn.started") }),
  z.object({ type: z.literal("turn.completed"), usage, rate_limits: rateLimits }),
  z.object({
    type: z.literal("turn.failed"),
    error: z.extend(ErrorInfoSchema, { message: z.string() }),
    usage: z.optional(usage),
    rate_limits: rateLimits,
  }),
  z.object({ type: z.literal("item.started"), item: ExecItemSchema }),
  z.object({ type: z.literal("item.updated"), item: ExecItemSchema }),
  z.object({ type: z.literal("item.completed"), item: ExecItemSchema }),
  /** Ours: the goal of the thread began, or stands differently. */
  z.object({
    type: z.literal("goal.updated"),
    objective: z.string(),
    status: GoalStatusSchema,
    token_budget: z.nullable(z.number()),
    tokens_used: z.number(),
    time_used_seconds: z.number(),
    reason: z.optional(z.string()),
  }),
  z.object({
    type: z.literal("error"),
    message: z.string(),
    error: z.optional(ErrorInfoSchema),
    will_retry: z.optional(z.boolean()),
    attempt: z.optional(z.number()),
    max_attempts: z.optional(z.number()),
    delay_ms: z.optional(z.number()),
  }),
]);
export type ExecEvent = z.infer<typeof ExecEventSchema>;
