import * as z from "zod/mini";
import {
  ApprovalPolicySchema,
  ModeKindSchema,
  ReasoningEffortSchema,
  SandboxModeSchema,
} from "../settings.ts";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

/** A sandbox as clients set and see it; `SandboxMode` is its short form. */
export const SandboxPolicySchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("dangerFullAccess") }),
    z.object({ type: z.literal("readOnly"), networkAccess: z.optional(z.boolean()) }),
    z.object({
      type: z.literal("externalSandbox"),
      networkAccess: z.optional(z.enum(["restricted", "enabled"])),
    }),
    z.object({
      type: z.literal("workspaceWrite"),
      writableRoots: z.optional(z.array(z.string())),
      networkAccess: z.optional(z.boolean()),
      excludeTmpdirEnvVar: z.optional(z.boolean()),
      excludeSlashTmp: z.optional(z.boolean()),
    }),
  ]),
);
export type SandboxPolicy = z.infer<typeof SandboxPolicySchema>;

export const ReasoningSummarySchema = z.enum(["auto", "concise", "detailed", "none"]);
export type ReasoningSummary = z.infer<typeof ReasoningSummarySchema>;

/** What a thread runs under from now on; everything left out stays as the configuration or the log says. */
export const threadOverrides = {
  model: maybe(z.string()),
  modelProvider: maybe(z.string()),
  cwd: maybe(z.string()),
  approvalPolicy: maybe(ApprovalPolicySchema),
  sandbox: maybe(SandboxModeSchema),
  /** Configuration values by dotted key, in the words of config.toml. */
  config: maybe(z.record(z.string(), z.unknown())),
  baseInstructions: maybe(z.string()),
  developerInstructions: maybe(z.string()),
};

/**
 * A mode with what it brings along. `settings`, and each of its fields, may be left out here; what is said wins over
 * `model` and `effort` beside it. `developer_instructions` join those of the mode.
 */
export const CollaborationModeParamSchema = later(() =>
  z.object({
    mode: ModeKindSchema,
    settings: maybe(
      z.object({
        model: maybe(z.string()),
        reasoning_effort: maybe(ReasoningEffortSchema),
        developer_instructions: maybe(z.string()),
      }),
    ),
  }),
);
/** The mode of a thread as it is. */
export const CollaborationModeSchema = later(() =>
  z.object({
    mode: ModeKindSchema,
    settings: z.object({
      model: z.string(),
      reasoning_effort: z.nullable(z.string()),
      developer_instructions: z.nullable(z.string()),
    }),
  }),
);
export type CollaborationMode = z.infer<typeof CollaborationModeSchema>;

/** What one turn and the turns after it run under. */
export const turnOverrides = {
  cwd: maybe(z.string()),
  approvalPolicy: maybe(ApprovalPolicySchema),
  sandboxPolicy: maybe(SandboxPolicySchema),
  model: maybe(z.string()),
  effort: maybe(ReasoningEffortSchema),
  summary: maybe(ReasoningSummarySchema),
  collaborationMode: maybe(CollaborationModeParamSchema),
};

/**
 * Ours: what one turn may use up, counted from its beginning. A turn that reaches a limit ends with `budget_exceeded`; what
 * it did is kept. Null and absent: no limit.
 */
export const TurnLimitsSchema = later(() =>
  z.object({
    /** Calls to the model. */
    maxModelCalls: maybe(z.number().check(z.positive())),
    /** Tokens in and out. */
    maxTokens: maybe(z.number().check(z.positive())),
    /** US dollars; refused for a model without a known price. */
    maxCostUsd: maybe(z.number().check(z.positive())),
    /** Milliseconds. */
    timeoutMs: maybe(z.number().check(z.positive(), z.maximum(2 ** 31 - 1))),
  }),
);
export type TurnLimits = z.infer<typeof TurnLimitsSchema>;

/** A tool that the client runs: the model's calls arrive as `item/tool/call`. */
export const DynamicToolSpecSchema = later(() =>
  z.object({
    type: z.optional(z.literal("function")),
    name: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
    description: z.string(),
    /** A JSON schema of an object. */
    inputSchema: z.record(z.string(), z.unknown()),
  }),
);
export type DynamicToolSpec = z.infer<typeof DynamicToolSpecSchema>;
