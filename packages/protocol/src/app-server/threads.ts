import * as z from "zod/mini";
import { ApprovalPolicySchema } from "../settings.ts";
import { CostSchema, TokenUsageSchema } from "../usage.ts";
import { maybe, pageParams, SortDirectionSchema } from "./field.ts";
import { WireItemSchema } from "./item.ts";
import { later } from "./later.ts";
import {
  CollaborationModeSchema,
  DynamicToolSpecSchema,
  ReasoningSummarySchema,
  SandboxPolicySchema,
  TurnLimitsSchema,
  threadOverrides,
  turnOverrides,
} from "./settings.ts";
import { TurnItemsViewSchema, WireThreadSchema, WireTurnSchema } from "./thread.ts";

const threadId = z.string();
const nextCursor = z.nullable(z.string());
const backwardsCursor = z.nullable(z.string());

/** Ours: something a person should know of a thread that was just opened. `details` are further lines. */
export const OpenNoticeSchema = later(() =>
  z.object({
    code: z.string(),
    level: z.enum(["info", "warning"]),
    message: z.string(),
    details: z.array(z.string()),
    /** Whether the first turn says it as well, as an item. */
    inTurn: z.boolean(),
  }),
);
export type OpenNotice = z.infer<typeof OpenNoticeSchema>;

/** A function, like every schema here: nothing is made before it is used, since every start would pay for it. */
const opened = () => ({
  thread: WireThreadSchema,
  model: z.string(),
  modelProvider: z.string(),
  serviceTier: z.null(),
  disabledPluginIds: z.array(z.string()),
  cwd: z.string(),
  /** The AGENTS.md files that were read. */
  instructionSources: z.array(z.string()),
  approvalPolicy: ApprovalPolicySchema,
  approvalsReviewer: z.literal("user"),
  sandbox: SandboxPolicySchema,
  reasoningEffort: z.nullable(z.string()),
  /** Ours, as all that follows: the name of these rights, where they have one. */
  preset: z.optional(z.nullable(z.string())),
  notices: z.optional(z.array(OpenNoticeSchema)),
  /** Whether the last turn was cut off: then a turn with an empty input goes on where it ended. */
  unfinished: z.optional(z.boolean()),
  /** What the thread has used before. */
  usage: z.optional(TokenUsageSchema),
  cost: z.optional(z.nullable(CostSchema)),
});

/** Ours: limits that hold for each turn of the thread for which `turn/start` names no others. */
const limits = maybe(TurnLimitsSchema);

export const ThreadStartParamsSchema = later(() =>
  z.object({
    ...threadOverrides,
    ephemeral: maybe(z.boolean()),
    threadSource: maybe(z.string()),
    dynamicTools: maybe(z.array(DynamicToolSpecSchema)),
    limits,
  }),
);
export type ThreadStartParams = z.infer<typeof ThreadStartParamsSchema>;
/** Settings from the next turn on, as `turn/start` takes them. */
export const ThreadSettingsUpdateParamsSchema = later(() => z.object({ ...turnOverrides, threadId }));
export const ThreadSettingsSchema = later(() =>
  z.object({
    disabledPluginIds: z.array(z.string()),
    cwd: z.string(),
    approvalPolicy: ApprovalPolicySchema,
    approvalsReviewer: z.literal("user"),
    sandboxPolicy: SandboxPolicySchema,
    activePermissionProfile: z.null(),
    model: z.string(),
    modelProvider: z.string(),
    serviceTier: z.null(),
    effort: z.nullable(z.string()),
    summary: z.nullable(ReasoningSummarySchema),
    collaborationMode: CollaborationModeSchema,
    personality: z.null(),
  }),
);

export const ThreadStartResponseSchema = later(() => z.object(opened()));
export type ThreadStartResponse = z.infer<typeof ThreadStartResponseSchema>;

export const ThreadResumeParamsSchema = later(() =>
  z.object({
    ...threadOverrides,
    threadId,
    excludeTurns: maybe(z.boolean()),
    /** Ours: neither turns nor cursors, for a client that shows no history; the log is then read only once. */
    excludeHistory: maybe(z.boolean()),
    dynamicTools: maybe(z.array(DynamicToolSpecSchema)),
    limits,
  }),
);
export type ThreadResumeParams = z.infer<typeof ThreadResumeParamsSchema>;
export const ThreadResumeResponseSchema = later(() =>
  z.object({
    ...opened(),
    collaborationMode: z.nullable(CollaborationModeSchema),
    turnsBackwardsCursor: z.nullable(z.string()),
    itemsBackwardsCursor: z.nullable(z.string()),
  }),
);
export type ThreadResumeResponse = z.infer<typeof ThreadResumeResponseSchema>;

export const ThreadForkParamsSchema = later(() =>
  z.object({
    ...threadOverrides,
    threadId,
    /** The last turn the copy holds; the whole history without it. */
    lastTurnId: maybe(z.string()),
    ephemeral: maybe(z.boolean()),
    threadSource: maybe(z.string()),
    excludeTurns: maybe(z.boolean()),
    dynamicTools: maybe(z.array(DynamicToolSpecSchema)),
    limits,
  }),
);
export type ThreadForkParams = z.infer<typeof ThreadForkParamsSchema>;
export const ThreadForkResponseSchema = later(() =>
  z.object({
    ...opened(),
    /** Ours here, and as `thread/resume` has it: null in the default mode; absent from servers before there was it. */
    collaborationMode: z.optional(z.nullable(CollaborationModeSchema)),
  }),
);

export const ThreadListParamsSchema = later(() =>
  z.object({
    ...pageParams,
    excludedThreadIds: maybe(z.array(z.string()).check(z.maxLength(100))),
    sortKey: maybe(z.enum(["created_at", "updated_at", "recency_at"])),
    sortDirection: maybe(SortDirectionSchema),
    modelProviders: maybe(z.array(z.string())),
    sourceKinds: maybe(z.array(z.string())),
    archived: maybe(z.boolean()),
    cwd: maybe(z.union([z.string(), z.array(z.string())])),
    searchTerm: maybe(z.string()),
  }),
);
export type ThreadListParams = z.infer<typeof ThreadListParamsSchema>;
export const ThreadListResponseSchema = later(() =>
  z.object({
    data: z.array(WireThreadSchema),
    nextCursor,
    backwardsCursor,
  }),
);

export const ThreadReadParamsSchema = later(() => z.object({ threadId, includeTurns: maybe(z.boolean()) }));
export const ThreadReadResponseSchema = later(() => z.object({ thread: WireThreadSchema }));

export const ThreadLoadedListParamsSchema = later(() => z.object(pageParams));
export const ThreadLoadedListResponseSchema = later(() =>
  z.object({ data: z.array(z.string()), nextCursor }),
);

export const ThreadIdParamsSchema = later(() => z.object({ threadId }));
export const ThreadUnsubscribeResponseSchema = later(() =>
  z.object({
    status: z.enum(["notLoaded", "notSubscribed", "unsubscribed"]),
  }),
);
export const ThreadUnarchiveResponseSchema = later(() => z.object({ thread: WireThreadSchema }));
export const ThreadSetNameParamsSchema = later(() => z.object({ threadId, name: z.string() }));

export const ThreadTurnsListParamsSchema = later(() =>
  z.object({
    ...pageParams,
    threadId,
    sortDirection: maybe(SortDirectionSchema),
    itemsView: maybe(TurnItemsViewSchema),
  }),
);
export const ThreadTurnsListResponseSchema = later(() =>
  z.object({
    data: z.array(WireTurnSchema),
    nextCursor,
    backwardsCursor,
  }),
);

export const ThreadItemsListParamsSchema = later(() =>
  z.object({
    threadId,
    turnId: maybe(z.string()),
    cursor: maybe(z.union([z.string(), z.object({ type: z.literal("item"), itemId: z.string() })])),
    limit: maybe(z.number()),
    sortDirection: maybe(SortDirectionSchema),
  }),
);
export const ThreadItemEntrySchema = later(() =>
  z.object({
    turnId: z.string(),
    item: WireItemSchema,
    startedAtMs: z.nullable(z.number()),
    completedAtMs: z.nullable(z.number()),
  }),
);
export const ThreadItemsListResponseSchema = later(() =>
  z.object({
    data: z.array(ThreadItemEntrySchema),
    nextCursor,
    backwardsCursor,
  }),
);

export const ThreadRevertParamsSchema = later(() => z.object({ threadId, beforeTurnId: z.string() }));
export const ThreadRevertResponseSchema = later(() =>
  z.object({
    thread: WireThreadSchema,
    turnsBackwardsCursor: z.nullable(z.string()),
    itemsBackwardsCursor: z.nullable(z.string()),
  }),
);

/** The compaction is a turn: its notifications say how it goes. `instructions`, ours: what the summary should heed. */
export const ThreadCompactStartParamsSchema = later(() =>
  z.object({ threadId, instructions: maybe(z.string()) }),
);

export const BackgroundTerminalsListParamsSchema = later(() => z.object({ ...pageParams, threadId }));
export const BackgroundTerminalsListResponseSchema = later(() =>
  z.object({
    data: z.array(
      z.object({
        itemId: z.string(),
        processId: z.string(),
        command: z.string(),
        cwd: z.string(),
        osPid: z.nullable(z.number()),
        cpuPercent: z.nullable(z.number()),
        rssKb: z.nullable(z.number()),
      }),
    ),
    nextCursor,
  }),
);
export const BackgroundTerminalsTerminateParamsSchema = later(() =>
  z.object({ threadId, processId: z.string() }),
);
export const BackgroundTerminalsTerminateResponseSchema = later(() => z.object({ terminated: z.boolean() }));
