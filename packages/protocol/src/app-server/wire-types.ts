import type * as z from "zod/mini";
import { BudgetStateSchema } from "../budget.ts";
import { ErrorInfoSchema } from "../errors.ts";
import { RateLimitSchema } from "../rate-limit.ts";
import { ReviewResultSchema } from "../review.ts";
import { ApprovalPolicySchema, ReasoningEffortSchema, SandboxModeSchema } from "../settings.ts";
import { PlanStepSchema } from "../thread-item.ts";
import { CostSchema, TokenUsageSchema } from "../usage.ts";
import * as catalogues from "./catalogues.ts";
import { TerminalSizeSchema } from "./commands.ts";
import * as config from "./config.ts";
import { EmptySchema } from "./field.ts";
import { CommandActionSchema, WireFileChangeSchema, WireItemSchema, WireUserInputSchema } from "./item.ts";
import { TokenUsageBreakdownSchema } from "./notifications.ts";
import { QueuedSubmissionSchema } from "./queue.ts";
import { CommandApprovalDecisionSchema, UserQuestionSchema } from "./server-requests.ts";
import { DynamicToolSpecSchema, SandboxPolicySchema, TurnLimitsSchema } from "./settings.ts";
import {
  EvidenceSchema,
  SessionSourceSchema,
  ThreadStatusSchema,
  TurnErrorSchema,
  WireThreadSchema,
  WireTurnSchema,
} from "./thread.ts";
import {
  OpenNoticeSchema,
  ThreadIdParamsSchema,
  ThreadItemEntrySchema,
  ThreadSettingsSchema,
} from "./threads.ts";
import { ReviewTargetSchema } from "./turns.ts";

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
  OpenNotice: OpenNoticeSchema,
  PermissionProfile: catalogues.PermissionProfileSchema,
  PlanStep: PlanStepSchema,
  QueuedSubmission: QueuedSubmissionSchema,
  BudgetState: BudgetStateSchema,
  RateLimit: RateLimitSchema,
  ReasoningEffort: ReasoningEffortSchema,
  ReviewResult: ReviewResultSchema,
  ReviewTarget: ReviewTargetSchema,
  SandboxMode: SandboxModeSchema,
  SandboxPolicy: SandboxPolicySchema,
  SessionSource: SessionSourceSchema,
  TerminalSize: TerminalSizeSchema,
  Thread: WireThreadSchema,
  ThreadIdParams: ThreadIdParamsSchema,
  ThreadItem: WireItemSchema,
  ThreadItemEntry: ThreadItemEntrySchema,
  ThreadSettings: ThreadSettingsSchema,
  ThreadStatus: ThreadStatusSchema,
  TokenUsage: TokenUsageSchema,
  TokenUsageBreakdown: TokenUsageBreakdownSchema,
  Turn: WireTurnSchema,
  TurnError: TurnErrorSchema,
  TurnEvidence: EvidenceSchema,
  TurnLimits: TurnLimitsSchema,
  UserInput: WireUserInputSchema,
  UserQuestion: UserQuestionSchema,
};
