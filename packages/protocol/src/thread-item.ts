import * as z from "zod/mini";
import { CollabAgentStateSchema } from "./agent-state.ts";
import { ErrorInfoSchema } from "./errors.ts";
import { ReviewResultSchema } from "./review.ts";
import { ReasoningEffortSchema } from "./settings.ts";
import { UserInputSchema } from "./user-input.ts";

/** Where work on an item stands. `unknown`: it was started, and a crash hides how it ended. */
export const ItemStatusSchema = z.enum(["inProgress", "completed", "failed", "declined", "unknown"]);
export type ItemStatus = z.infer<typeof ItemStatusSchema>;

export const FileChangeKindSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("add") }),
  z.object({ type: z.literal("delete") }),
  z.object({ type: z.literal("update"), move_path: z.nullable(z.string()) }),
]);

/** One file of a patch. `path` is absolute; `diff` is unified, empty while the patch is not applied yet. */
export const FileUpdateChangeSchema = z.object({
  path: z.string(),
  kind: FileChangeKindSchema,
  diff: z.string(),
  added: z.number(),
  removed: z.number(),
});
export type FileUpdateChange = z.infer<typeof FileUpdateChangeSchema>;

export const PlanStepSchema = z.object({
  step: z.string(),
  status: z.enum(["pending", "inProgress", "completed"]),
});
export type PlanStep = z.infer<typeof PlanStepSchema>;

const id = z.string();
const startedAtMs = z.optional(z.number());
const completedAtMs = z.optional(z.number());
const base = { id, startedAtMs, completedAtMs };

export const UserMessageItemSchema = z.object({
  ...base,
  type: z.literal("userMessage"),
  /** What the client that sent the message calls it. */
  clientId: z.optional(z.string()),
  content: z.array(UserInputSchema),
});
export const AgentMessageItemSchema = z.object({
  ...base,
  type: z.literal("agentMessage"),
  text: z.string(),
});
export const ReasoningThreadItemSchema = z.object({
  ...base,
  type: z.literal("reasoning"),
  summary: z.array(z.string()),
  content: z.array(z.string()),
});
/** The agent's to-do list. At most one step is in progress. */
export const PlanItemSchema = z.object({
  ...base,
  type: z.literal("todoList"),
  explanation: z.nullable(z.string()),
  steps: z.array(PlanStepSchema),
});
/** What the agent proposes to do, in plan mode; nothing of it is done before a person approves it. */
export const ProposedPlanItemSchema = z.object({
  ...base,
  type: z.literal("plan"),
  /** Markdown. */
  text: z.string(),
});
/** One command. `aggregatedOutput` is bounded; `outputBytes` counts what the command really printed. */
export const CommandExecutionItemSchema = z.object({
  ...base,
  type: z.literal("commandExecution"),
  /** The shell text as run, without the shell's own name. */
  command: z.string(),
  /** The same as an argument list, shell included. */
  argv: z.array(z.string()),
  cwd: z.string(),
  /** Set while the command may still be running in the background; the number `write_stdin` takes. */
  processId: z.nullable(z.string()),
  source: z.enum(["agent", "userShell", "unifiedExecInteraction"]),
  status: ItemStatusSchema,
  aggregatedOutput: z.nullable(z.string()),
  outputBytes: z.number(),
  exitCode: z.nullable(z.number()),
  durationMs: z.nullable(z.number()),
  error: z.nullable(ErrorInfoSchema),
});
export const FileChangeItemSchema = z.object({
  ...base,
  type: z.literal("fileChange"),
  changes: z.array(FileUpdateChangeSchema),
  /** UTF-8 bytes of the patch as the model wrote it, whether it applied or not; absent in older logs. */
  patchBytes: z.optional(z.number()),
  status: ItemStatusSchema,
  error: z.nullable(ErrorInfoSchema),
});
/** A call of a tool that has no item type of its own, an unknown tool included. */
export const ToolCallItemSchema = z.object({
  ...base,
  type: z.literal("toolCall"),
  tool: z.string(),
  arguments: z.string(),
  status: ItemStatusSchema,
  output: z.nullable(z.string()),
  error: z.nullable(ErrorInfoSchema),
});
/** What a tool of an MCP server answered: the server's own parts, within bounds. */
export const McpToolResultSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })),
  structuredContent: z.unknown(),
});
/** A call of an MCP server's tool. A failure that the tool reports itself is a `result` with the status `failed`. */
export const McpToolCallItemSchema = z.object({
  ...base,
  type: z.literal("mcpToolCall"),
  server: z.string(),
  /** By the server's own name. */
  tool: z.string(),
  arguments: z.unknown(),
  status: ItemStatusSchema,
  result: z.nullable(McpToolResultSchema),
  error: z.nullable(ErrorInfoSchema),
  durationMs: z.nullable(z.number()),
  /** What the server last said of a call that runs; never in the log. */
  progress: z.optional(z.string()),
});
export const WebSearchItemSchema = z.object({
  ...base,
  type: z.literal("webSearch"),
  query: z.string(),
  action: z.nullable(z.unknown()),
});
export const ImageViewItemSchema = z.object({
  ...base,
  type: z.literal("imageView"),
  path: z.string(),
  status: ItemStatusSchema,
  error: z.nullable(ErrorInfoSchema),
});
/** A question that was put to a person, and the answer. Written when it is answered. */
export const ApprovalItemSchema = z.object({
  ...base,
  type: z.literal("approval"),
  /** The item that waited for it. */
  itemId: z.string(),
  /** What was asked about: the command, or the files. */
  subject: z.string(),
  reason: z.string(),
  /** The rule, guard or wish that made it a question. */
  decidedBy: z.string(),
  decision: z.enum([
    "accept",
    "acceptForSession",
    "acceptAndRemember",
    "declineAndRemember",
    "decline",
    "cancel",
  ]),
  /** The exact tokens that were saved with `acceptAndRemember`. */
  savedPrefix: z.nullable(z.array(z.string())),
});
/**
 * What the network proxy decided about one host for one command. However many connections it was, they are one item for
 * each verdict.
 */
export const NetworkAccessItemSchema = z.object({
  ...base,
  type: z.literal("networkAccess"),
  /** The item of the command; null for a program that is not a command of the thread, such as an MCP server. */
  itemId: z.nullable(z.string()),
  host: z.string(),
  /** The first few, in the order they were asked for. */
  ports: z.array(z.number()),
  verdict: z.enum(["allow", "deny"]),
  /** The rule or reason of the last decision, in words. */
  rule: z.string(),
  /** Connections that were decided about. */
  count: z.number(),
});
/** Something a person should know that did not end the turn: a cut AGENTS.md, a stall, a skipped file. */
export const WarningItemSchema = z.object({
  ...base,
  type: z.literal("warning"),
  code: z.string(),
  message: z.string(),
});
/** A review begins; `review` says of what. */
export const EnteredReviewModeItemSchema = z.object({
  ...base,
  type: z.literal("enteredReviewMode"),
  review: z.string(),
});
/** A review is over; `review` is its result in words. `result` is null when the reviewer did not keep to the form. */
export const ExitedReviewModeItemSchema = z.object({
  ...base,
  type: z.literal("exitedReviewMode"),
  review: z.string(),
  result: z.nullable(ReviewResultSchema),
});

export const CollabAgentToolSchema = z.enum([
  "spawnAgent",
  "sendInput",
  "resumeAgent",
  "wait",
  "closeAgent",
  "sendMessage",
  "followupTask",
  "interruptAgent",
  "listAgents",
]);
export type CollabAgentTool = z.infer<typeof CollabAgentToolSchema>;

/** A call with which the model starts, asks, waits for or ends other agents. */
export const CollabAgentToolCallItemSchema = z.object({
  ...base,
  type: z.literal("collabAgentToolCall"),
  tool: CollabAgentToolSchema,
  status: z.enum([...ItemStatusSchema.options, "interrupted"]),
  /** The thread of the agent that calls. */
  senderThreadId: z.string(),
  /** The agents it is about; a new agent once it has a thread. */
  receiverThreadIds: z.array(z.string()),
  prompt: z.nullable(z.string()),
  /** What was asked for with the call; null: as the role or the parent has it. */
  model: z.nullable(z.string()),
  reasoningEffort: z.nullable(ReasoningEffortSchema),
  /** By thread id. */
  agentsStates: z.record(z.string(), CollabAgentStateSchema),
  error: z.nullable(ErrorInfoSchema),
});

/** An agent began to work, was given more, or ended a task, outside of any call about it. */
export const SubAgentActivityItemSchema = z.object({
  ...base,
  type: z.literal("subAgentActivity"),
  kind: z.enum(["started", "interacted", "interrupted", "completed"]),
  agentThreadId: z.string(),
  agentPath: z.string(),
  model: z.nullable(z.string()),
  reasoningEffort: z.nullable(ReasoningEffortSchema),
  /** Ours: where it stands now. */
  state: CollabAgentStateSchema,
  /** Ours, with `interacted`: what it told another agent, cut. */
  told: z.optional(z.object({ to: z.string(), message: z.string() })),
});

/** What set a compaction off. `edit`: a person changed the summary. */
export const CompactionTriggerSchema = z.enum(["auto", "manual", "contextTooLong", "edit"]);
export type CompactionTrigger = z.infer<typeof CompactionTriggerSchema>;
/** Older history gave way to a summary of it in what the model sees; the log still holds all of it. */
export const ContextCompactionItemSchema = z.object({
  ...base,
  type: z.literal("contextCompaction"),
  trigger: CompactionTriggerSchema,
  /** Who wrote the summary: `model`, `extract`, `user`, or a compactor of the program's own. */
  compactor: z.string(),
  /** Estimated tokens of the next request. */
  tokensBefore: z.number(),
  /** The same after it; null while it is under way, or when nothing was changed. */
  tokensAfter: z.nullable(z.number()),
  /** What takes the place of the older history, beside what is kept word for word. */
  summary: z.nullable(z.string()),
  /** What the model does not see any more, a line each. */
  leftOut: z.array(z.string()),
  /** Why nothing was changed, or why the wanted compactor gave way to `extract`. */
  error: z.nullable(ErrorInfoSchema),
});

/** One enforced statement of an AGENTS.md at the end of a turn. `evidence` is what was seen, in a sentence. */
export const CheckedRuleSchema = z.object({
  file: z.string(),
  line: z.number(),
  text: z.string(),
  kind: z.string(),
  outcome: z.enum(["passed", "failed", "unchecked"]),
  evidence: z.string(),
});
/** What the rules that a turn had to do with came to. */
export const RuleCheckItemSchema = z.object({
  ...base,
  type: z.literal("ruleCheck"),
  /** The worst of `checks`. */
  outcome: z.enum(["passed", "failed", "unchecked"]),
  /** Whether the model was told and the turn went on. */
  handedBack: z.boolean(),
  checks: z.array(CheckedRuleSchema),
});

export const ThreadItemSchema = z.discriminatedUnion("type", [
  UserMessageItemSchema,
  AgentMessageItemSchema,
  ReasoningThreadItemSchema,
  PlanItemSchema,
  ProposedPlanItemSchema,
  CommandExecutionItemSchema,
  FileChangeItemSchema,
  ToolCallItemSchema,
  McpToolCallItemSchema,
  WebSearchItemSchema,
  ImageViewItemSchema,
  ApprovalItemSchema,
  NetworkAccessItemSchema,
  WarningItemSchema,
  ContextCompactionItemSchema,
  RuleCheckItemSchema,
  CollabAgentToolCallItemSchema,
  SubAgentActivityItemSchema,
  EnteredReviewModeItemSchema,
  ExitedReviewModeItemSchema,
]);
export type ThreadItem = z.infer<typeof ThreadItemSchema>;
export type CommandExecutionItem = z.infer<typeof CommandExecutionItemSchema>;
export type FileChangeItem = z.infer<typeof FileChangeItemSchema>;
export type PlanItem = z.infer<typeof PlanItemSchema>;
export type ProposedPlanItem = z.infer<typeof ProposedPlanItemSchema>;
export type McpToolCallItem = z.infer<typeof McpToolCallItemSchema>;
export type ToolCallItem = z.infer<typeof ToolCallItemSchema>;
export type ApprovalItem = z.infer<typeof ApprovalItemSchema>;
export type NetworkAccessItem = z.infer<typeof NetworkAccessItemSchema>;
export type WarningItem = z.infer<typeof WarningItemSchema>;
export type RuleCheckItem = z.infer<typeof RuleCheckItemSchema>;
export type ContextCompactionItem = z.infer<typeof ContextCompactionItemSchema>;
export type CollabAgentToolCallItem = z.infer<typeof CollabAgentToolCallItemSchema>;
export type SubAgentActivityItem = z.infer<typeof SubAgentActivityItemSchema>;
