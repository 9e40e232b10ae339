import type * as z from "zod/mini";
import { ErrorInfoSchema } from "../errors.ts";
import { ApprovalPolicySchema, ReasoningEffortSchema, SandboxModeSchema } from "../settings.ts";
import { PlanStepSchema } from "../thread-item.ts";
import { CostSchema, TokenUsageSchema } from "../usage.ts";
import * as catalogues from "./catalogues.ts";
import * as config from "./config.ts";
import { EmptySchema } from "./field.ts";
import { CommandActionSchema, WireFileChangeSchema, WireItemSchema, WireUserInputSchema } from "./item.ts";
import { TokenUsageBreakdownSchema } from "./notifications.ts";
import { CommandApprovalDecisionSchema, UserQuestionSchema } from "./server-requests.ts";
import { DynamicToolSpecSchema, SandboxPolicySchema } from "./settings.ts";
import {
  SessionSourceSchema,
  ThreadStatusSchema,
  TurnErrorSchema,
  WireThreadSchema,
  WireTurnSchema,
} from "./thread.ts";
import { ThreadIdParamsSchema, ThreadItemEntrySchema } from "./threads.ts";

/** The shapes that generated schemas give a name of their own; every other shape is written where it is used. */
export const NAMED_WIRE_TYPES: Readonly<Record<string, z.core.$ZodType>> = {
  ApprovalPolicy: ApprovalPolicySchema,
  CommandAction: CommandActionSchema,
  CommandApprovalDecision: CommandApprovalDecisionSchema,
  ConfigEdit: config.ConfigEditSchema,
  ConfigLayer: config.ConfigLayerSchema,
  ConfigLayerMetadata: config.ConfigLayerMetadataSchema,
  ConfigLayerSource: config.ConfigLayerSourceSchema,
  ConfigWriteResponse: config.ConfigWriteResponseSchema,
  Cost: CostSchema,
  DynamicToolSpec: DynamicToolSpecSchema,
  Empty: EmptySchema,
  ErrorInfo: ErrorInfoSchema,
  FileUpdateChange: WireFileChangeSchema,
  FuzzyFileMatch: catalogues.FuzzyFileMatchSchema,
  Model: catalogues.WireModelSchema,
  PermissionProfile: catalogues.PermissionProfileSchema,
  PlanStep: PlanStepSchema,
  ReasoningEffort: ReasoningEffortSchema,
  SandboxMode: SandboxModeSchema,
  SandboxPolicy: SandboxPolicySchema,
  SessionSource: SessionSourceSchema,
  Thread: WireThreadSchema,
  ThreadIdParams: ThreadIdParamsSchema,
  ThreadItem: WireItemSchema,
  ThreadItemEntry: ThreadItemEntrySchema,
  ThreadStatus: ThreadStatusSchema,
  TokenUsage: TokenUsageSchema,
  TokenUsageBreakdown: TokenUsageBreakdownSchema,
  Turn: WireTurnSchema,
  TurnError: TurnErrorSchema,
  UserInput: WireUserInputSchema,
  UserQuestion: UserQuestionSchema,
};
