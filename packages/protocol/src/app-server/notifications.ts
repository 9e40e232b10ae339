import * as z from "zod/mini";
import { BudgetStateSchema } from "../budget.ts";
import { ThreadGoalSchema } from "../goal.ts";
import { RateLimitSchema } from "../rate-limit.ts";
import { PlanStepSchema } from "../thread-item.ts";
import { CostSchema } from "../usage.ts";
import {
  AccountLoginCompletedSchema,
  AccountRateLimitsUpdatedSchema,
  AccountUpdatedSchema,
} from "./account.ts";
import { FuzzyFileSearchSessionUpdatedSchema } from "./catalogues.ts";
import { CommandExecOutputDeltaSchema } from "./commands.ts";
import { maybe } from "./field.ts";
import { HookRunNotificationSchema } from "./hooks.ts";
import { WireFileChangeSchema, WireItemSchema } from "./item.ts";
import { RequestIdSchema } from "./json-rpc.ts";
import { later } from "./later.ts";
import { McpOauthLoginCompletedSchema, McpServerStatusUpdatedSchema } from "./mcp.ts";
import { ThreadStatusSchema, TurnErrorSchema, WireThreadSchema, WireTurnSchema } from "./thread.ts";
import { ThreadSettingsSchema } from "./threads.ts";

const threadId = z.string();
const at = { threadId, turnId: z.string() };
const delta = { ...at, itemId: z.string(), delta: z.string() };
const breakdown = z.object({
  totalTokens: z.number(),
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  cacheWriteInputTokens: z.number(),
  outputTokens: z.number(),
  reasoningOutputTokens: z.number(),
});
export const TokenUsageBreakdownSchema = breakdown;

/** What the server tells its clients, by method. */
export const SERVER_NOTIFICATIONS = {
  "thread/started": later(() => z.object({ thread: WireThreadSchema })),
  "thread/status/changed": later(() => z.object({ threadId, status: ThreadStatusSchema })),
  "thread/name/updated": later(() => z.object({ threadId, threadName: z.optional(z.string()) })),
  "thread/settings/updated": later(() => z.object({ threadId, threadSettings: ThreadSettingsSchema })),
  "thread/archived": later(() => z.object({ threadId })),
  "thread/unarchived": later(() => z.object({ threadId })),
  "thread/deleted": later(() => z.object({ threadId })),
  "thread/reverted": later(() => z.object({ threadId })),
  /** Messages were added to the queue, changed, moved, taken away or begun: read it with `thread/queue/list`. */
  "thread/queue/changed": later(() => z.object({ threadId })),
  "thread/closed": later(() => z.object({ threadId })),
  /** Follows the item `contextCompaction`, for clients that look for the older sign. */
  "thread/compacted": later(() => z.object(at)),
  /** `turnId` is null when the goal changed between turns. */
  "thread/goal/updated": later(() =>
    z.object({ threadId, turnId: z.nullable(z.string()), goal: ThreadGoalSchema }),
  ),
  "thread/goal/cleared": later(() => z.object({ threadId })),
  "thread/tokenUsage/updated": later(() =>
    z.object({
      ...at,
      tokenUsage: z.object({
        total: breakdown,
        last: breakdown,
        /** Ours: what was added to the total where it is not `last`: an agent's request. */
        spent: z.optional(breakdown),
        modelContextWindow: z.nullable(z.number()),
        totalCost: z.optional(z.nullable(CostSchema)),
      }),
    }),
  ),
  "turn/started": later(() => z.object({ threadId, turn: WireTurnSchema })),
  "turn/completed": later(() => z.object({ threadId, turn: WireTurnSchema })),
  "turn/diff/updated": later(() => z.object({ ...at, diff: z.string() })),
  "turn/plan/updated": later(() =>
    z.object({
      ...at,
      explanation: z.nullable(z.string()),
      plan: z.array(PlanStepSchema),
    }),
  ),
  /** Ours: what the endpoint said of its limits with its last answer. */
  "thread/rateLimits/updated": later(() => z.object({ ...at, limits: z.array(RateLimitSchema) })),
  /** Ours: how the limits stand, before each call to the model, with what it may take, and after it. */
  "thread/budget/updated": later(() => z.object({ ...at, budgets: z.array(BudgetStateSchema) })),
  /** Ours: the endpoint has been silent this long, and the call goes on. */
  "turn/stalled": later(() => z.object({ ...at, idleMs: z.number() })),
  "item/started": later(() => z.object({ ...at, item: WireItemSchema, startedAtMs: z.number() })),
  "item/completed": later(() =>
    z.object({
      ...at,
      item: WireItemSchema,
      contentTokenCount: z.optional(z.nullable(z.number())),
      completedAtMs: z.number(),
    }),
  ),
  /** Ours: an item changed and is not complete, such as a command that goes on in the background. */
  "item/updated": later(() => z.object({ ...at, item: WireItemSchema })),
  "item/agentMessage/delta": later(() => z.object(delta)),
  "item/plan/delta": later(() => z.object(delta)),
  "item/reasoning/summaryTextDelta": later(() => z.object({ ...delta, summaryIndex: z.number() })),
  "item/reasoning/summaryPartAdded": later(() =>
    z.object({ ...at, itemId: z.string(), summaryIndex: z.number() }),
  ),
  "item/commandExecution/outputDelta": later(() => z.object(delta)),
  /** The model wrote to the running command that `itemId` began. */
  "item/commandExecution/terminalInteraction": later(() =>
    z.object({ ...at, itemId: z.string(), processId: z.string(), stdin: z.string() }),
  ),
  "command/exec/outputDelta": CommandExecOutputDeltaSchema,
  "item/fileChange/patchUpdated": later(() =>
    z.object({
      ...at,
      itemId: z.string(),
      changes: z.array(WireFileChangeSchema),
    }),
  ),
  "item/mcpToolCall/progress": later(() => z.object({ ...at, itemId: z.string(), message: z.string() })),
  "hook/started": HookRunNotificationSchema,
  "hook/completed": HookRunNotificationSchema,
  "account/login/completed": AccountLoginCompletedSchema,
  "account/updated": AccountUpdatedSchema,
  /** An answer spoke of the shares of a plan. To every client. */
  "account/rateLimits/updated": AccountRateLimitsUpdatedSchema,
  /** A server of a thread has begun to start, is ready, or has failed. */
  "mcpServer/startupStatus/updated": McpServerStatusUpdatedSchema,
  "mcpServer/oauthLogin/completed": McpOauthLoginCompletedSchema,
  error: later(() =>
    z.object({
      ...at,
      error: TurnErrorSchema,
      willRetry: z.boolean(),
      attempt: z.optional(z.number()),
      maxAttempts: z.optional(z.number()),
      delayMs: z.optional(z.number()),
    }),
  ),
  "fuzzyFileSearch/sessionUpdated": FuzzyFileSearchSessionUpdatedSchema,
  /** The query of the last update has been searched for everywhere. */
  "fuzzyFileSearch/sessionCompleted": later(() => z.object({ sessionId: z.string() })),
  warning: later(() =>
    z.object({ threadId: z.nullable(z.string()), message: z.string(), code: z.optional(z.string()) }),
  ),
  configWarning: later(() =>
    z.object({
      summary: z.string(),
      details: z.nullable(z.string()),
      path: z.optional(z.string()),
    }),
  ),
  "serverRequest/resolved": later(() => z.object({ threadId, requestId: RequestIdSchema })),
  /** Ours: this client was too slow, and `dropped` notifications were left out. Threads can be read again. */
  "stream/lagged": later(() => z.object({ threadId: maybe(z.string()), dropped: z.number() })),
} as const;

export type ServerNotificationMethod = keyof typeof SERVER_NOTIFICATIONS;
export type NotificationParams<M extends ServerNotificationMethod> = z.infer<
  (typeof SERVER_NOTIFICATIONS)[M]
>;
export type ServerNotification = {
  [M in ServerNotificationMethod]: { method: M; params: NotificationParams<M> };
}[ServerNotificationMethod];
