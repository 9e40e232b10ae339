import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { CommandActionSchema, ToolContentSchema } from "./item.ts";
import { later } from "./later.ts";

/**
 * What the server asks its clients. Every client of the thread gets the question; the first answer counts, and the
 * others learn by `serverRequest/resolved` that it is settled.
 */
const at = { threadId: z.string(), turnId: z.string(), itemId: z.string() };

export const NetworkPolicyAmendmentSchema = later(() =>
  z.object({
    host: z.string(),
    action: z.enum(["allow", "deny"]),
  }),
);
export const NetworkApprovalContextSchema = later(() =>
  z.object({
    host: z.string(),
    protocol: z.enum(["http", "https", "socks5Tcp", "socks5Udp"]),
    /** Ours. */
    port: z.optional(z.number()),
  }),
);

/** Ours: a character that hides or reorders what a person reads. Lines and columns begin at 1 and count characters. */
export const HiddenCharacterSchema = later(() =>
  z.object({
    /** `U+202E` */
    character: z.string(),
    name: z.string(),
    line: z.number(),
    column: z.number(),
  }),
);

export const CommandApprovalDecisionSchema = later(() =>
  z.union([
    z.enum(["accept", "acceptForSession", "decline", "cancel"]),
    z.object({
      acceptWithExecpolicyAmendment: z.object({ execpolicy_amendment: z.array(z.string()) }),
    }),
    z.object({
      applyNetworkPolicyAmendment: z.object({ network_policy_amendment: NetworkPolicyAmendmentSchema }),
    }),
  ]),
);
export type CommandApprovalDecision = z.infer<typeof CommandApprovalDecisionSchema>;

/** Ours: the agent that asks, where it is not the one that the client talks to. `threadId` is the agent's then. */
export const AskingAgentSchema = later(() =>
  z.object({
    /** Such as `/root/map_the_tests`. */
    path: z.string(),
    role: z.string(),
    parentThreadId: z.string(),
    /** The thread that its tree of agents began with. */
    sessionId: z.string(),
  }),
);
export type AskingAgent = z.infer<typeof AskingAgentSchema>;

export const CommandApprovalParamsSchema = later(() =>
  z.object({
    ...at,
    kind: z.literal("command"),
    startedAtMs: z.number(),
    /** Tells several questions about one item apart. */
    approvalId: maybe(z.string()),
    environmentId: z.nullable(z.string()),
    reason: maybe(z.string()),
    /** Set when it is about a host that no network rule names. */
    networkApprovalContext: maybe(NetworkApprovalContextSchema),
    command: maybe(z.string()),
    /** Ours: the text that the shell is given, without the shell's own name. */
    shellCommand: z.optional(z.string()),
    cwd: maybe(z.string()),
    commandActions: maybe(z.array(CommandActionSchema)),
    /** The exact tokens that "always" would save. */
    proposedExecpolicyAmendment: maybe(z.array(z.string())),
    /** What `applyNetworkPolicyAmendment` would save for this workspace. */
    proposedNetworkPolicyAmendments: maybe(z.array(NetworkPolicyAmendmentSchema)),
    availableDecisions: maybe(z.array(CommandApprovalDecisionSchema)),
    /** Ours: the rule, guard or wish that made it a question. */
    decidedBy: z.optional(z.string()),
    /**
     * Ours: the text holds characters that hide or reorder what a person reads. An acceptance is followed by a second
     * question, and only a plain `accept` of that one counts.
     */
    hidesText: z.optional(z.boolean()),
    /** Ours, with `hidesText`: the text with these characters made visible. */
    escapedText: z.optional(z.string()),
    /** Ours, on the second question: what is hidden, and where. At most 100. */
    hiddenCharacters: z.optional(z.array(HiddenCharacterSchema)),
    /** Ours: `second` asks to confirm an acceptance of a text with hidden characters. */
    confirmation: z.optional(z.enum(["first", "second"])),
    agent: z.optional(AskingAgentSchema),
  }),
);
export type CommandApprovalParams = z.infer<typeof CommandApprovalParamsSchema>;
/** `message` is ours: what the person wants the model to know, with a refusal. */
export const CommandApprovalResponseSchema = later(() =>
  z.object({
    decision: CommandApprovalDecisionSchema,
    message: maybe(z.string()),
  }),
);

export const FileChangeApprovalParamsSchema = later(() =>
  z.object({
    ...at,
    startedAtMs: z.number(),
    reason: maybe(z.string()),
    grantRoot: maybe(z.string()),
    paths: z.optional(z.array(z.string())),
    agent: z.optional(AskingAgentSchema),
  }),
);
export const FileChangeApprovalResponseSchema = later(() =>
  z.object({
    decision: z.enum(["accept", "acceptForSession", "decline", "cancel"]),
    message: maybe(z.string()),
  }),
);

export const UserQuestionSchema = later(() =>
  z.object({
    id: z.string(),
    header: z.string(),
    question: z.string(),
    isOther: z.boolean(),
    isSecret: z.boolean(),
    options: z.nullable(z.array(z.object({ label: z.string(), description: z.string() }))),
  }),
);
export const UserInputRequestParamsSchema = later(() =>
  z.object({
    ...at,
    questions: z.array(UserQuestionSchema),
    isBlocking: z.boolean(),
    autoResolutionMs: z.nullable(z.number()),
  }),
);
export const UserInputRequestResponseSchema = later(() =>
  z.object({
    answers: z.record(z.string(), z.object({ answers: z.array(z.string()) })),
  }),
);

export const DynamicToolCallParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    turnId: z.string(),
    callId: z.string(),
    namespace: z.nullable(z.string()),
    tool: z.string(),
    arguments: z.unknown(),
  }),
);
export type DynamicToolCallParams = z.infer<typeof DynamicToolCallParamsSchema>;
export const DynamicToolCallResponseSchema = later(() =>
  z.object({
    contentItems: z.array(ToolContentSchema),
    success: z.boolean(),
  }),
);
export type DynamicToolCallResponse = z.infer<typeof DynamicToolCallResponseSchema>;
