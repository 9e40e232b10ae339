import type * as z from "zod/mini";
import * as account from "./account.ts";
import * as catalogues from "./catalogues.ts";
import * as commands from "./commands.ts";
import * as config from "./config.ts";
import { EmptySchema } from "./field.ts";
import * as goals from "./goals.ts";
import * as hooks from "./hooks.ts";
import { InitializeParamsSchema, InitializeResponseSchema } from "./initialize.ts";
import * as mcp from "./mcp.ts";
import * as memories from "./memories.ts";
import * as plans from "./plans.ts";
import * as queue from "./queue.ts";
import * as questions from "./server-requests.ts";
import * as threads from "./threads.ts";
import * as turns from "./turns.ts";

/** What clients may call: the parameters and the result of each method. */
export const CLIENT_REQUESTS = {
  initialize: { params: InitializeParamsSchema, result: InitializeResponseSchema },
  "thread/start": { params: threads.ThreadStartParamsSchema, result: threads.ThreadStartResponseSchema },
  "thread/resume": { params: threads.ThreadResumeParamsSchema, result: threads.ThreadResumeResponseSchema },
  "thread/fork": { params: threads.ThreadForkParamsSchema, result: threads.ThreadForkResponseSchema },
  "thread/list": { params: threads.ThreadListParamsSchema, result: threads.ThreadListResponseSchema },
  "thread/read": { params: threads.ThreadReadParamsSchema, result: threads.ThreadReadResponseSchema },
  "thread/loaded/list": {
    params: threads.ThreadLoadedListParamsSchema,
    result: threads.ThreadLoadedListResponseSchema,
  },
  "thread/unsubscribe": {
    params: threads.ThreadIdParamsSchema,
    result: threads.ThreadUnsubscribeResponseSchema,
  },
  "thread/archive": { params: threads.ThreadIdParamsSchema, result: EmptySchema },
  "thread/unarchive": {
    params: threads.ThreadIdParamsSchema,
    result: threads.ThreadUnarchiveResponseSchema,
  },
  "thread/delete": { params: threads.ThreadIdParamsSchema, result: EmptySchema },
  "thread/name/set": { params: threads.ThreadSetNameParamsSchema, result: EmptySchema },
  "thread/settings/update": {
    params: threads.ThreadSettingsUpdateParamsSchema,
    result: EmptySchema,
  },
  "thread/turns/list": {
    params: threads.ThreadTurnsListParamsSchema,
    result: threads.ThreadTurnsListResponseSchema,
  },
  "thread/items/list": {
    params: threads.ThreadItemsListParamsSchema,
    result: threads.ThreadItemsListResponseSchema,
  },
  "thread/revert": { params: threads.ThreadRevertParamsSchema, result: threads.ThreadRevertResponseSchema },
  "thread/compact/start": { params: threads.ThreadCompactStartParamsSchema, result: EmptySchema },
  "thread/backgroundTerminals/list": {
    params: threads.BackgroundTerminalsListParamsSchema,
    result: threads.BackgroundTerminalsListResponseSchema,
  },
  "thread/backgroundTerminals/terminate": {
    params: threads.BackgroundTerminalsTerminateParamsSchema,
    result: threads.BackgroundTerminalsTerminateResponseSchema,
  },
  "thread/queue/add": {
    params: queue.ThreadQueueAddParamsSchema,
    result: queue.QueuedSubmissionResponseSchema,
  },
  "thread/queue/list": {
    params: queue.ThreadQueueListParamsSchema,
    result: queue.ThreadQueueListResponseSchema,
  },
  "thread/queue/update": {
    params: queue.ThreadQueueUpdateParamsSchema,
    result: queue.QueuedSubmissionResponseSchema,
  },
  "thread/queue/delete": {
    params: queue.ThreadQueueDeleteParamsSchema,
    result: queue.ThreadQueueDeleteResponseSchema,
  },
  "thread/queue/reorder": { params: queue.ThreadQueueReorderParamsSchema, result: EmptySchema },
  "thread/queue/start": {
    params: queue.ThreadQueueStartParamsSchema,
    result: queue.ThreadQueueStartResponseSchema,
  },
  "collaborationMode/list": {
    params: plans.CollaborationModeListParamsSchema,
    result: plans.CollaborationModeListResponseSchema,
  },
  "thread/plan/read": { params: threads.ThreadIdParamsSchema, result: plans.ThreadPlanReadResponseSchema },
  "thread/plan/approve": {
    params: plans.ThreadPlanApproveParamsSchema,
    result: turns.TurnStartResponseSchema,
  },
  "thread/prepareApprovedPlan": {
    params: plans.ThreadPrepareApprovedPlanParamsSchema,
    result: plans.ThreadPrepareApprovedPlanResponseSchema,
  },
  "thread/goal/set": { params: goals.ThreadGoalSetParamsSchema, result: goals.ThreadGoalSetResponseSchema },
  "thread/goal/get": { params: threads.ThreadIdParamsSchema, result: goals.ThreadGoalGetResponseSchema },
  "thread/goal/clear": {
    params: goals.ThreadGoalClearParamsSchema,
    result: goals.ThreadGoalClearResponseSchema,
  },
  "thread/memoryMode/set": { params: memories.ThreadMemoryModeSetParamsSchema, result: EmptySchema },
  "thread/memory/read": {
    params: threads.ThreadIdParamsSchema,
    result: memories.ThreadMemoryReadResponseSchema,
  },
  "memory/status": { params: memories.MemoryStatusParamsSchema, result: memories.MemoryStatusResponseSchema },
  "memory/list": { params: memories.MemoryListParamsSchema, result: memories.MemoryListResponseSchema },
  "memory/forget": { params: memories.MemoryForgetParamsSchema, result: memories.MemoryForgetResponseSchema },
  "memory/reset": { params: EmptySchema, result: memories.MemoryResetResponseSchema },
  "thread/shellCommand": { params: turns.ThreadShellCommandParamsSchema, result: EmptySchema },
  "thread/inject_items": { params: turns.ThreadInjectItemsParamsSchema, result: EmptySchema },
  "command/exec": {
    params: commands.CommandExecParamsSchema,
    result: commands.CommandExecResponseSchema,
  },
  "command/exec/write": { params: commands.CommandExecWriteParamsSchema, result: EmptySchema },
  "command/exec/resize": { params: commands.CommandExecResizeParamsSchema, result: EmptySchema },
  "command/exec/terminate": { params: commands.CommandExecTerminateParamsSchema, result: EmptySchema },
  "turn/start": { params: turns.TurnStartParamsSchema, result: turns.TurnStartResponseSchema },
  "turn/steer": { params: turns.TurnSteerParamsSchema, result: turns.TurnSteerResponseSchema },
  "turn/interrupt": { params: turns.TurnInterruptParamsSchema, result: EmptySchema },
  "review/start": { params: turns.ReviewStartParamsSchema, result: turns.ReviewStartResponseSchema },
  "model/list": { params: catalogues.ModelListParamsSchema, result: catalogues.ModelListResponseSchema },
  "permissionProfile/list": {
    params: catalogues.PermissionProfileListParamsSchema,
    result: catalogues.PermissionProfileListResponseSchema,
  },
  "skills/list": { params: catalogues.SkillsListParamsSchema, result: catalogues.SkillsListResponseSchema },
  "config/read": { params: config.ConfigReadParamsSchema, result: config.ConfigReadResponseSchema },
  "config/value/write": {
    params: config.ConfigValueWriteParamsSchema,
    result: config.ConfigWriteResponseSchema,
  },
  "config/batchWrite": {
    params: config.ConfigBatchWriteParamsSchema,
    result: config.ConfigWriteResponseSchema,
  },
  "hooks/list": { params: hooks.HooksListParamsSchema, result: hooks.HooksListResponseSchema },
  "experimentalFeature/list": {
    params: account.ExperimentalFeatureListParamsSchema,
    result: account.ExperimentalFeatureListResponseSchema,
  },
  "account/read": { params: account.AccountReadParamsSchema, result: account.AccountReadResponseSchema },
  "account/rateLimits/read": { params: EmptySchema, result: account.AccountRateLimitsReadResponseSchema },
  "account/login/start": {
    params: account.LoginAccountParamsSchema,
    result: account.LoginAccountResponseSchema,
  },
  "account/logout": { params: EmptySchema, result: EmptySchema },
  "config/mcpServer/reload": { params: EmptySchema, result: EmptySchema },
  "mcpServerStatus/list": {
    params: mcp.ListMcpServerStatusParamsSchema,
    result: mcp.ListMcpServerStatusResponseSchema,
  },
  "mcpServer/resource/read": {
    params: mcp.McpResourceReadParamsSchema,
    result: mcp.McpResourceReadResponseSchema,
  },
  "mcpServer/tool/call": {
    params: mcp.McpServerToolCallParamsSchema,
    result: mcp.McpServerToolCallResponseSchema,
  },
  "mcpServer/oauth/login": {
    params: mcp.McpServerOauthLoginParamsSchema,
    result: mcp.McpServerOauthLoginResponseSchema,
  },
  fuzzyFileSearch: {
    params: catalogues.FuzzyFileSearchParamsSchema,
    result: catalogues.FuzzyFileSearchResponseSchema,
  },
  "fuzzyFileSearch/sessionStart": {
    params: catalogues.FuzzyFileSearchSessionStartParamsSchema,
    result: EmptySchema,
  },
  "fuzzyFileSearch/sessionUpdate": {
    params: catalogues.FuzzyFileSearchSessionUpdateParamsSchema,
    result: EmptySchema,
  },
  "fuzzyFileSearch/sessionStop": {
    params: catalogues.FuzzyFileSearchSessionStopParamsSchema,
    result: EmptySchema,
  },
} as const;

/** What the server may ask its clients. */
export const SERVER_REQUESTS = {
  "item/commandExecution/requestApproval": {
    params: questions.CommandApprovalParamsSchema,
    result: questions.CommandApprovalResponseSchema,
  },
  "item/fileChange/requestApproval": {
    params: questions.FileChangeApprovalParamsSchema,
    result: questions.FileChangeApprovalResponseSchema,
  },
  "item/tool/requestUserInput": {
    params: questions.UserInputRequestParamsSchema,
    result: questions.UserInputRequestResponseSchema,
  },
  "item/tool/call": {
    params: questions.DynamicToolCallParamsSchema,
    result: questions.DynamicToolCallResponseSchema,
  },
  "mcpServer/elicitation/request": {
    params: mcp.McpElicitationParamsSchema,
    result: mcp.McpElicitationResponseSchema,
  },
} as const;

export type ClientMethod = keyof typeof CLIENT_REQUESTS;
export type ClientParams<M extends ClientMethod> = z.infer<(typeof CLIENT_REQUESTS)[M]["params"]>;
export type ClientResult<M extends ClientMethod> = z.infer<(typeof CLIENT_REQUESTS)[M]["result"]>;

export type ServerMethod = keyof typeof SERVER_REQUESTS;
export type ServerParams<M extends ServerMethod> = z.infer<(typeof SERVER_REQUESTS)[M]["params"]>;
export type ServerResult<M extends ServerMethod> = z.infer<(typeof SERVER_REQUESTS)[M]["result"]>;

/** What clients may say without an answer. */
export const CLIENT_NOTIFICATIONS = { initialized: EmptySchema } as const;
