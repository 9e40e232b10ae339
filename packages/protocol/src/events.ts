import * as z from "zod/mini";
import { BudgetStateSchema } from "./budget.ts";
import { ErrorInfoSchema } from "./errors.ts";
import { ThreadGoalSchema } from "./goal.ts";
import { HookRunSummarySchema } from "./hook-run.ts";
import { RateLimitSchema } from "./rate-limit.ts";
import { PlanStepSchema, ThreadItemSchema } from "./thread-item.ts";
import { CostSchema, ExpectedSchema, TokenUsageSchema } from "./usage.ts";

/**
 * What happens on a thread, as it happens. Method names and the fields that Codex's app-server has are the same; the
 * rest is additive. These are what the core emits in process and what every front end receives.
 */
export const TurnStatusSchema = z.enum(["inProgress", "completed", "interrupted", "failed"]);
export type TurnStatus = z.infer<typeof TurnStatusSchema>;

export const TurnSchema = z.object({
  id: z.string(),
  status: TurnStatusSchema,
  error: z.nullable(ErrorInfoSchema),
  /** Unix milliseconds. */
  startedAtMs: z.number(),
  completedAtMs: z.nullable(z.number()),
  /** Of this turn alone; also given for failed and interrupted turns. */
  usage: TokenUsageSchema,
  cost: z.nullable(CostSchema),
  /** What its requests were expected to take before each was sent: tokens in, cached ones of them, US dollars for both. */
  expected: z.optional(ExpectedSchema),
  /** The text of the last agent message, when the turn has one. */
  finalText: z.nullable(z.string()),
});
export type Turn = z.infer<typeof TurnSchema>;

const threadId = z.string();
const turnId = z.string();
const itemId = z.string();
const at = { threadId, turnId };

function notification<M extends string, P extends z.core.$ZodShape>(method: M, params: P) {
  return z.object({ method: z.literal(method), params: z.object(params) });
}

export const ThreadEventSchema = z.discriminatedUnion("method", [
  notification("thread/started", {
    threadId,
    cwd: z.string(),
    model: z.string(),
    /** Absolute path of the rollout file, null for an ephemeral thread. */
    rolloutPath: z.nullable(z.string()),
  }),
  notification("turn/started", { threadId, turn: TurnSchema }),
  notification("turn/completed", { threadId, turn: TurnSchema }),
  notification("turn/plan/updated", {
    ...at,
    explanation: z.nullable(z.string()),
    plan: z.array(PlanStepSchema),
  }),
  notification("item/started", { ...at, item: ThreadItemSchema }),
  notification("item/updated", { ...at, item: ThreadItemSchema }),
  notification("item/completed", { ...at, item: ThreadItemSchema }),
  notification("item/agentMessage/delta", { ...at, itemId, delta: z.string() }),
  /** A piece of the plan that the agent proposes; the completed item has the whole of it. */
  notification("item/plan/delta", { ...at, itemId, delta: z.string() }),
  notification("item/reasoning/summaryTextDelta", {
    ...at,
    itemId,
    delta: z.string(),
    summaryIndex: z.number(),
  }),
  notification("item/commandExecution/outputDelta", { ...at, itemId, delta: z.string() }),
  /** The model wrote to the running command that `itemId` began. */
  notification("item/commandExecution/terminalInteraction", {
    ...at,
    itemId,
    processId: z.string(),
    stdin: z.string(),
  }),
  /** `turnId` is null between turns. */
  notification("thread/goal/updated", { threadId, turnId: z.nullable(turnId), goal: ThreadGoalSchema }),
  notification("thread/goal/cleared", { threadId }),
  notification("hook/started", { ...at, run: HookRunSummarySchema }),
  notification("hook/completed", { ...at, run: HookRunSummarySchema }),
  notification("thread/tokenUsage/updated", {
    ...at,
    total: TokenUsageSchema,
    /** Of the thread's own last request. */
    last: TokenUsageSchema,
    /** What was added to the total, where it is not `last`: the request of an agent, or of another thread's. */
    spent: z.optional(TokenUsageSchema),
    totalCost: z.nullable(CostSchema),
    modelContextWindow: z.nullable(z.number()),
  }),
  /** How the limits stand: before each call, with what it may take, and after it. Only where there are limits. */
  notification("thread/budget/updated", { ...at, budgets: z.array(BudgetStateSchema) }),
  /** A model call failed. With `willRetry`, whatever the call streamed so far is void and comes again. */
  notification("error", {
    ...at,
    error: ErrorInfoSchema,
    willRetry: z.boolean(),
    attempt: z.optional(z.number()),
    maxAttempts: z.optional(z.number()),
    delayMs: z.optional(z.number()),
  }),
  /** What the endpoint said of its limits with its last answer. */
  notification("thread/rateLimits/updated", { ...at, limits: z.array(RateLimitSchema) }),
  /** The endpoint has been silent for `idleMs`; the call goes on. */
  notification("turn/stalled", { ...at, idleMs: z.number() }),
  /** A reader fell behind and `dropped` delta events were left out; items are always complete. */
  notification("stream/lagged", { threadId, dropped: z.number() }),
]);
export type ThreadEvent = z.infer<typeof ThreadEventSchema>;
export type ThreadEventMethod = ThreadEvent["method"];
export type ThreadEventOf<M extends ThreadEventMethod> = Extract<ThreadEvent, { method: M }>;
