import { type HookEventName, type HookRunSummary, visibleText } from "@quire/protocol";
import type { HookDefinition } from "./hook-config.ts";
import type { HookVerdict } from "./hook-output.ts";

/** A hook that began, or has ended. */
export interface HookReport {
  readonly hook: HookDefinition;
  /** Its place among the hooks that hold. */
  readonly order: number;
  /** The call that it looks at. */
  readonly callId: string | null;
  readonly startedAtMs: number;
  /** Null while it runs. */
  readonly ended: { readonly atMs: number; readonly verdict: HookVerdict } | null;
}

const EVENT_NAMES: Readonly<Record<HookDefinition["event"], HookEventName>> = {
  PreModelRequest: "preModelRequest",
  PostModelRequest: "postModelRequest",
  PreToolUse: "preToolUse",
  PermissionRequest: "permissionRequest",
  PostToolUse: "postToolUse",
  PreCompact: "preCompact",
  PostCompact: "postCompact",
  SessionStart: "sessionStart",
  SessionEnd: "sessionEnd",
  UserPromptSubmit: "userPromptSubmit",
  SubagentStart: "subagentStart",
  SubagentStop: "subagentStop",
  Stop: "stop",
  Interrupt: "interrupt",
};
/** What is about the whole thread rather than one turn of it. */
const THREAD_SCOPE: ReadonlySet<HookEventName> = new Set(["sessionStart", "sessionEnd"]);

/** The event of a hook as clients call it. */
export function hookEventName({ event }: Pick<HookDefinition, "event">): HookEventName {
  return EVENT_NAMES[event];
}

/** The event's name in small letters: `PreToolUse` by a dash is `pre-tool-use`. */
export function hookEventWords({ event }: Pick<HookDefinition, "event">, by: "-" | "_"): string {
  return event.replace(/(?!^)[A-Z]/g, (letter) => `${by}${letter}`).toLowerCase();
}

/** The run as clients see it. */
export function hookRunSummary({ hook, order, callId, startedAtMs, ended }: HookReport): HookRunSummary {
  const { origin, statusMessage } = hook;
  const eventName = hookEventName(hook);
  const call = callId === null ? "" : `:${callId}`;
  return {
    id: `${hookEventWords(hook, "-")}:${order}:${origin.file}${call}`,
    eventName,
    handlerType: "command",
    executionMode: "sync",
    scope: THREAD_SCOPE.has(eventName) ? "thread" : "turn",
    sourcePath: origin.file,
    source: origin.kind,
    displayOrder: order,
    status: ended === null ? "running" : statusOf(ended.verdict),
    statusMessage,
    startedAt: Math.floor(startedAtMs / 1000),
    completedAt: ended === null ? null : Math.floor(ended.atMs / 1000),
    durationMs: ended === null ? null : ended.atMs - startedAtMs,
    entries: ended === null ? [] : entriesOf(ended.verdict),
  };
}

function statusOf({ notes, block, stop }: HookVerdict): HookRunSummary["status"] {
  if (notes.some(({ code }) => code === "hook_failed")) return "failed";
  if (stop !== null) return "stopped";
  return block === null ? "completed" : "blocked";
}

/** What the hook said, in the order in which Codex has it. */
function entriesOf({ notes, block, stop, context }: HookVerdict): HookRunSummary["entries"] {
  const said = (code: string) => notes.filter((note) => note.code === code).map(({ message }) => message);
  const entries = [
    ...said("hook_message").map((text) => ({ kind: "warning" as const, text })),
    ...said("hook_failed").map((text) => ({ kind: "error" as const, text })),
    ...(stop === null ? [] : [{ kind: "stop" as const, text: stop }]),
    ...(block === null ? [] : [{ kind: "feedback" as const, text: block }]),
    ...context.map((text) => ({ kind: "context" as const, text })),
  ];
  return entries.map(({ kind, text }) => ({ kind, text: visibleText(text) }));
}
