import { visibleLine } from "@quire/protocol";
import * as z from "zod/mini";
import type { HookDefinition } from "./hook-config.ts";

/** How a hook's process ended. */
export interface HookRun {
  /** Null when it was ended, or could not be started. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no exit code. */
  readonly failure: string | null;
}

/** What hooks have decided together. */
export interface HookVerdict {
  /** Why the action must not happen; null lets it. */
  readonly block: string | null;
  /** Why the turn must end; null goes on. */
  readonly stop: string | null;
  readonly permission: "allow" | "deny" | "ask" | null;
  /** Takes the place of the tool's input. */
  readonly updatedInput: Readonly<Record<string, unknown>> | null;
  /** What the model is told besides. */
  readonly context: readonly string[];
  /** What the user is told. */
  readonly notes: readonly { code: string; message: string }[];
}

export const NO_VERDICT: HookVerdict = {
  block: null,
  stop: null,
  permission: null,
  updatedInput: null,
  context: [],
  notes: [],
};

const LONGEST_CONTEXT = 10_000;
const LONGEST_REASON = 4000;

const OutputSchema = z.object({
  continue: z.optional(z.boolean()),
  stopReason: z.optional(z.nullable(z.string())),
  decision: z.optional(z.nullable(z.string())),
  reason: z.optional(z.nullable(z.string())),
  systemMessage: z.optional(z.nullable(z.string())),
  hookSpecificOutput: z.optional(
    z.nullable(
      z.object({
        permissionDecision: z.optional(z.enum(["allow", "deny", "ask"])),
        permissionDecisionReason: z.optional(z.nullable(z.string())),
        updatedInput: z.optional(z.nullable(z.record(z.string(), z.unknown()))),
        additionalContext: z.optional(z.nullable(z.string())),
        decision: z.optional(
          z.object({ behavior: z.enum(["allow", "deny"]), message: z.optional(z.nullable(z.string())) }),
        ),
      }),
    ),
  ),
});

/** What one hook has decided. A hook that fails decides nothing, visibly. */
export function readHookRun(hook: HookDefinition, run: HookRun): HookVerdict {
  const name = hookName(hook);
  if (run.failure !== null) return note("hook_failed", `${name} ${run.failure}; it decided nothing.`);
  if (run.exitCode === 2) return blocked(name, run.stderr.trim() || "The hook gave no reason.");
  if (run.exitCode !== 0) {
    const [line = ""] = run.stderr.trim().split("\n");
    return note(
      "hook_failed",
      `${name} failed (exit code ${run.exitCode}): ${visibleLine(line.slice(0, 300))}`,
    );
  }
  const text = run.stdout.trim();
  if (text === "") return NO_VERDICT;
  if (!text.startsWith("{")) {
    const taken = ["UserPromptSubmit", "SessionStart", "SubagentStart"].includes(hook.event);
    return taken ? { ...NO_VERDICT, context: [cut(text, LONGEST_CONTEXT)] } : NO_VERDICT;
  }
  const output = parseOutput(text);
  if (output === null)
    return note("hook_failed", `${name} wrote JSON that is not as hooks write it; it decided nothing.`);
  return verdictOf(hook, name, output);
}

function parseOutput(text: string): z.infer<typeof OutputSchema> | null {
  try {
    const parsed = z.safeParse(OutputSchema, JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // No JSON: the caller says so.
    return null;
  }
}

function verdictOf(hook: HookDefinition, name: string, output: z.infer<typeof OutputSchema>): HookVerdict {
  const own = output.hookSpecificOutput ?? {};
  const decided =
    own.permissionDecision ?? own.decision?.behavior ?? (output.decision === "approve" ? "allow" : null);
  const reason = cut(
    own.permissionDecisionReason ?? own.decision?.message ?? output.reason ?? "The hook gave no reason.",
    LONGEST_REASON,
  );
  const denies = output.decision === "block" || decided === "deny";
  // A project may forbid; what it may permit, the user decides.
  const overreaches = decided === "allow" && hook.origin.kind === "project";
  const notes = [
    ...(output.systemMessage
      ? [
          {
            code: "hook_message",
            message: `${name}: ${visibleLine(cut(output.systemMessage, LONGEST_REASON))}`,
          },
        ]
      : []),
    ...(denies ? [{ code: "hook_blocked", message: `${name} blocked: ${visibleLine(reason)}` }] : []),
    ...(own.updatedInput
      ? [{ code: "hook_changed_input", message: `${name} changed the input of the tool.` }]
      : []),
    ...(decided === "allow" && !overreaches
      ? [{ code: "hook_allowed", message: `${name} allowed this.` }]
      : []),
    ...(overreaches
      ? [
          {
            code: "hook_ignored",
            message: `${name} wanted to allow this; a project's hook cannot, so it is judged as always.`,
          },
        ]
      : []),
    ...(output.continue === false ? [{ code: "hook_stopped", message: `${name} ends the turn.` }] : []),
  ];
  return {
    block: denies ? reason : null,
    stop: output.continue === false ? (output.stopReason ?? reason) : null,
    permission: overreaches ? null : decided,
    updatedInput: own.updatedInput ?? null,
    context: own.additionalContext ? [cut(own.additionalContext, LONGEST_CONTEXT)] : [],
    notes,
  };
}

/** The verdicts of hooks that ran beside each other, in the order of their configuration: the strictest word counts. */
export function joinVerdicts(verdicts: readonly HookVerdict[]): HookVerdict {
  const words = verdicts.map(({ permission }) => permission);
  const changed = verdicts.filter(({ updatedInput }) => updatedInput !== null);
  const conflict =
    changed.length > 1
      ? [
          {
            code: "hook_ignored",
            message: "Several hooks changed the input of one call; the first change counts.",
          },
        ]
      : [];
  return {
    block: verdicts.find(({ block }) => block !== null)?.block ?? null,
    stop: verdicts.find(({ stop }) => stop !== null)?.stop ?? null,
    permission: (["deny", "ask", "allow"] as const).find((word) => words.includes(word)) ?? null,
    updatedInput: changed[0]?.updatedInput ?? null,
    context: verdicts.flatMap(({ context }) => context),
    notes: [...verdicts.flatMap(({ notes }) => notes), ...conflict],
  };
}

/** A hook as people are told of it. */
export function hookName({ event, command, origin }: HookDefinition): string {
  const whose = origin.kind === "plugin" ? `plugin ${origin.pluginId}` : origin.kind;
  return `The ${event} hook ${visibleLine(cut(command, 80))} (${whose}, ${visibleLine(origin.file)})`;
}

function blocked(name: string, text: string): HookVerdict {
  const reason = cut(text, LONGEST_REASON);
  return {
    ...note("hook_blocked", `${name} blocked: ${visibleLine(reason)}`),
    block: reason,
    permission: "deny",
  };
}

function note(code: string, message: string): HookVerdict {
  return { ...NO_VERDICT, notes: [{ code, message }] };
}

function cut(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
