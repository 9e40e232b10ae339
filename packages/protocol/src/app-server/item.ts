import * as z from "zod/mini";
import { CollabAgentStateSchema } from "../agent-state.ts";
import { ErrorInfoSchema } from "../errors.ts";
import { ReviewResultSchema } from "../review.ts";
import { ReasoningEffortSchema } from "../settings.ts";
import {
  ApprovalItemSchema,
  CollabAgentToolSchema,
  ContextCompactionItemSchema,
  FileChangeKindSchema,
  McpToolResultSchema,
  NetworkAccessItemSchema,
  PlanStepSchema,
  RuleCheckItemSchema,
  WarningItemSchema,
} from "../thread-item.ts";
import { later } from "./later.ts";

/**
 * Items as clients see them: Codex's shapes with all their fields, ours beside them where they say more. A client that
 * was written for Codex finds everything it looks for; types and fields that it does not know are ours.
 */
const base = {
  id: z.string(),
  startedAtMs: z.optional(z.nullable(z.number())),
  completedAtMs: z.optional(z.nullable(z.number())),
};
const error = z.optional(z.nullable(ErrorInfoSchema));

/** Codex's four; a call of unknown outcome is `failed` with the error code `outcome_unknown`. */
const status = z.enum(["inProgress", "completed", "failed", "declined"]);

export const WireUserInputSchema = later(() =>
  z.discriminatedUnion("type", [
    z.looseObject({
      type: z.literal("text"),
      text: z.string(),
      text_elements: z.optional(z.array(z.unknown())),
    }),
    z.looseObject({ type: z.literal("image"), url: z.string() }),
    z.looseObject({ type: z.literal("localImage"), path: z.string() }),
  ]),
);
export type WireUserInput = z.infer<typeof WireUserInputSchema>;

/** What a command does, as far as its text says; for display only, never for a decision. */
export const CommandActionSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("read"), command: z.string(), name: z.string(), path: z.string() }),
    z.object({ type: z.literal("listFiles"), command: z.string(), path: z.nullable(z.string()) }),
    z.object({
      type: z.literal("search"),
      command: z.string(),
      query: z.nullable(z.string()),
      path: z.nullable(z.string()),
    }),
    z.object({ type: z.literal("unknown"), command: z.string() }),
  ]),
);
export type CommandAction = z.infer<typeof CommandActionSchema>;

export const WireFileChangeSchema = later(() =>
  z.object({
    path: z.string(),
    kind: FileChangeKindSchema,
    diff: z.string(),
    added: z.optional(z.number()),
    removed: z.optional(z.number()),
  }),
);

export const ToolContentSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("inputText"), text: z.string() }),
    z.object({ type: z.literal("inputImage"), imageUrl: z.string() }),
  ]),
);
export type ToolContent = z.infer<typeof ToolContentSchema>;

const none = z.null();

export const WireItemSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({
      ...base,
      type: z.literal("userMessage"),
      clientId: z.nullable(z.string()),
      content: z.array(WireUserInputSchema),
    }),
    z.object({
      ...base,
      type: z.literal("agentMessage"),
      moderation: none,
      text: z.string(),
      phase: z.nullable(z.string()),
      memoryCitation: none,
      delivery: none,
      questions: none,
    }),
    z.object({
      ...base,
      type: z.literal("reasoning"),
      summary: z.array(z.string()),
      content: z.array(z.string()),
    }),
    /**
     * The to-do list, with `steps`, which is ours; its `text` holds them in words. Without `steps`: what the agent
     * proposes in plan mode.
     */
    z.object({
      ...base,
      type: z.literal("plan"),
      text: z.string(),
      explanation: z.optional(z.nullable(z.string())),
      steps: z.optional(z.array(PlanStepSchema)),
    }),
    z.object({
      ...base,
      type: z.literal("commandExecution"),
      pluginId: none,
      scriptPath: none,
      command: z.string(),
      /** Ours: the text that the shell was given, without the shell's own name. */
      shellCommand: z.optional(z.string()),
      cwd: z.string(),
      processId: z.nullable(z.string()),
      source: z.enum(["agent", "userShell", "unifiedExecStartup", "unifiedExecInteraction"]),
      status,
      commandActions: z.array(CommandActionSchema),
      aggregatedOutput: z.nullable(z.string()),
      exitCode: z.nullable(z.number()),
      durationMs: z.nullable(z.number()),
      outputBytes: z.optional(z.number()),
      error,
    }),
    z.object({
      ...base,
      type: z.literal("fileChange"),
      changes: z.array(WireFileChangeSchema),
      /** Ours: how many bytes of patch the model wrote for it. */
      patchBytes: z.optional(z.number()),
      status,
      error,
    }),
    /** A call of a client's tool, of a tool without an item type of its own, or of one that does not exist. */
    z.object({
      ...base,
      type: z.literal("dynamicToolCall"),
      namespace: z.nullable(z.string()),
      tool: z.string(),
      arguments: z.unknown(),
      status,
      contentItems: z.nullable(z.array(ToolContentSchema)),
      success: z.nullable(z.boolean()),
      durationMs: z.nullable(z.number()),
      error,
    }),
    z.object({
      ...base,
      type: z.literal("mcpToolCall"),
      server: z.string(),
      tool: z.string(),
      arguments: z.unknown(),
      status,
      result: z.nullable(McpToolResultSchema),
      error,
      durationMs: z.nullable(z.number()),
    }),
    z.object({
      ...base,
      type: z.literal("webSearch"),
      query: z.string(),
      action: z.nullable(z.unknown()),
      results: z.nullable(z.array(z.unknown())),
    }),
    z.object({ ...base, type: z.literal("imageView"), path: z.string(), status: z.optional(status), error }),
    /** A call about other agents. The states say more of each than Codex's do; `error` is ours. */
    z.object({
      ...base,
      type: z.literal("collabAgentToolCall"),
      tool: CollabAgentToolSchema,
      status: z.enum(["inProgress", "completed", "failed", "interrupted"]),
      senderThreadId: z.string(),
      receiverThreadIds: z.array(z.string()),
      prompt: z.nullable(z.string()),
      model: z.nullable(z.string()),
      reasoningEffort: z.nullable(ReasoningEffortSchema),
      agentsStates: z.record(z.string(), CollabAgentStateSchema),
      error,
    }),
    /** An agent began or ended a task, or told another one something. `state` and `told` are ours. */
    z.object({
      ...base,
      type: z.literal("subAgentActivity"),
      kind: z.enum(["started", "interacted", "interrupted", "completed"]),
      agentThreadId: z.string(),
      agentPath: z.string(),
      model: z.nullable(z.string()),
      reasoningEffort: z.nullable(ReasoningEffortSchema),
      state: z.optional(CollabAgentStateSchema),
      told: z.optional(z.object({ to: z.string(), message: z.string() })),
    }),
    z.object({ ...base, type: z.literal("enteredReviewMode"), review: z.string() }),
    /** `result` is ours: the findings as data; null when the reviewer did not keep to the form. */
    z.object({
      ...base,
      type: z.literal("exitedReviewMode"),
      review: z.string(),
      result: z.optional(z.nullable(ReviewResultSchema)),
    }),
    /** Codex knows its `id` only; the rest is ours. */
    ContextCompactionItemSchema,
    /** Ours: a question and its answer. */
    ApprovalItemSchema,
    /** Ours: what the network proxy decided about a host. */
    NetworkAccessItemSchema,
    RuleCheckItemSchema,
    /** Ours: also sent as the notification `warning`. */
    WarningItemSchema,
  ]),
);
export type WireItem = z.infer<typeof WireItemSchema>;
