import * as z from "zod/mini";

export const HookEventNameSchema = z.enum([
  "preModelRequest",
  "postModelRequest",
  "preToolUse",
  "permissionRequest",
  "postToolUse",
  "preCompact",
  "postCompact",
  "sessionStart",
  "sessionEnd",
  "userPromptSubmit",
  "subagentStart",
  "subagentStop",
  "stop",
  "interrupt",
]);
export type HookEventName = z.infer<typeof HookEventNameSchema>;
export const HookSourceSchema = z.enum(["user", "project", "plugin"]);

/** One run of a hook, in the shape of Codex. Times are Unix seconds. */
export const HookRunSummarySchema = z.object({
  /** Of the run while it lasts: event, place among the hooks, file, and the call that it looks at. */
  id: z.string(),
  eventName: HookEventNameSchema,
  handlerType: z.literal("command"),
  executionMode: z.literal("sync"),
  scope: z.enum(["thread", "turn"]),
  sourcePath: z.string(),
  source: HookSourceSchema,
  /** Its place among the hooks that hold. */
  displayOrder: z.number(),
  status: z.enum(["running", "completed", "failed", "blocked", "stopped"]),
  statusMessage: z.nullable(z.string()),
  startedAt: z.number(),
  completedAt: z.nullable(z.number()),
  durationMs: z.nullable(z.number()),
  /** What the hook said. */
  entries: z.array(
    z.object({ kind: z.enum(["warning", "stop", "feedback", "context", "error"]), text: z.string() }),
  ),
});
export type HookRunSummary = z.infer<typeof HookRunSummarySchema>;
