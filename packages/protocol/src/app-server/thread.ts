import * as z from "zod/mini";
import { ErrorInfoSchema } from "../errors.ts";
import { AgentOriginSchema } from "../rollout.ts";
import { CostSchema, ExpectedSchema, TokenUsageSchema } from "../usage.ts";
import { WireItemSchema } from "./item.ts";
import { later } from "./later.ts";

/** Why a turn failed, in Codex's words. Our own code with the whole error stands beside it, in `error`. */
const status = z.object({ httpStatusCode: z.nullable(z.number()) });
export const CodexErrorInfoSchema = later(() =>
  z.union([
    z.string(),
    z.object({ httpConnectionFailed: status }),
    z.object({ responseStreamConnectionFailed: status }),
    z.object({ responseStreamDisconnected: status }),
    z.object({ responseTooManyFailedAttempts: status }),
  ]),
);
export type CodexErrorInfo = z.infer<typeof CodexErrorInfoSchema>;

export const TurnErrorSchema = later(() =>
  z.object({
    message: z.string(),
    codexErrorInfo: z.nullable(CodexErrorInfoSchema),
    additionalDetails: z.nullable(z.string()),
    misalignment: z.null(),
    error: z.optional(ErrorInfoSchema),
  }),
);
export type TurnError = z.infer<typeof TurnErrorSchema>;

export const TurnItemsViewSchema = z.enum(["notLoaded", "summary", "full"]);
export type TurnItemsView = z.infer<typeof TurnItemsViewSchema>;

/** Ours: what a turn did, by what ran and what was changed, not by what the model says of it. */
export const EvidenceSchema = later(() =>
  z.object({
    commands: z.array(
      z.object({
        command: z.string(),
        exitCode: z.nullable(z.number()),
        durationMs: z.nullable(z.number()),
        /** Whether no file was changed by a patch after this command began. */
        afterLastEdit: z.boolean(),
        /** What a test runner counted; null for other commands, and where the output does not say it. */
        tests: z.optional(
          z.nullable(
            z.object({
              passed: z.number(),
              failed: z.number(),
              skipped: z.number(),
              unit: z.enum(["tests", "packages"]),
            }),
          ),
        ),
      }),
    ),
    /** Older commands that are not listed. */
    commandsLeftOut: z.optional(z.number()),
    files: z.array(
      z.object({
        path: z.string(),
        kind: z.enum(["add", "delete", "update"]),
        added: z.number(),
        removed: z.number(),
      }),
    ),
  }),
);
export type TurnEvidence = z.infer<typeof EvidenceSchema>;

/** Times are Unix seconds. `usage`, `cost`, `finalText` and `evidence` are ours. */
export const WireTurnSchema = later(() =>
  z.object({
    id: z.string(),
    rootTurnId: z.nullable(z.string()),
    items: z.array(WireItemSchema),
    itemsView: TurnItemsViewSchema,
    status: z.enum(["completed", "interrupted", "failed", "inProgress"]),
    error: z.nullable(TurnErrorSchema),
    startedAt: z.nullable(z.number()),
    completedAt: z.nullable(z.number()),
    durationMs: z.nullable(z.number()),
    usage: z.optional(TokenUsageSchema),
    cost: z.optional(z.nullable(CostSchema)),
    /** What its requests were expected to take before each was sent: tokens in, cached ones of them, US dollars for both. */
    expected: z.optional(ExpectedSchema),
    finalText: z.optional(z.nullable(z.string())),
    /** With `turn/completed`. */
    evidence: z.optional(EvidenceSchema),
  }),
);
export type WireTurn = z.infer<typeof WireTurnSchema>;

export const ThreadStatusSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("notLoaded") }),
    z.object({ type: z.literal("idle") }),
    z.object({ type: z.literal("systemError") }),
    z.object({
      type: z.literal("active"),
      activeFlags: z.array(z.enum(["waitingOnApproval", "waitingOnUserInput"])),
    }),
  ]),
);
export type ThreadStatus = z.infer<typeof ThreadStatusSchema>;

export const SessionSourceSchema = later(() =>
  z.union([
    z.enum(["cli", "vscode", "exec", "appServer", "unknown"]),
    z.object({ custom: z.string() }),
    z.object({ subAgent: z.literal("review") }),
    z.object({ subAgent: z.object({ thread_spawn: AgentOriginSchema }) }),
  ]),
);
export type SessionSource = z.infer<typeof SessionSourceSchema>;

/** Times are Unix seconds; `turns` is only filled where a response says so. */
export const WireThreadSchema = later(() =>
  z.object({
    id: z.string(),
    sessionId: z.string(),
    forkedFromId: z.nullable(z.string()),
    parentThreadId: z.nullable(z.string()),
    /** The first words of the first message. */
    preview: z.string(),
    ephemeral: z.boolean(),
    section: z.null(),
    sectionEnteredAt: z.null(),
    projectId: z.null(),
    historyMode: z.enum(["legacy", "paginated"]),
    modelProvider: z.string(),
    model: z.nullable(z.string()),
    reasoningEffort: z.nullable(z.string()),
    createdAt: z.number(),
    updatedAt: z.number(),
    recencyAt: z.nullable(z.number()),
    status: ThreadStatusSchema,
    path: z.nullable(z.string()),
    cwd: z.string(),
    cliVersion: z.string(),
    originator: z.nullable(z.string()),
    source: SessionSourceSchema,
    threadSource: z.nullable(z.string()),
    agentNickname: z.nullable(z.string()),
    agentRole: z.nullable(z.string()),
    gitInfo: z.nullable(
      z.object({
        sha: z.nullable(z.string()),
        branch: z.nullable(z.string()),
        originUrl: z.nullable(z.string()),
      }),
    ),
    name: z.nullable(z.string()),
    turns: z.array(WireTurnSchema),
  }),
);
export type WireThread = z.infer<typeof WireThreadSchema>;
