/** The moments at which hooks can run, by the names that Codex and Claude Code give them. */
export const HOOK_EVENTS = [
  "SessionStart",
  "SessionEnd",
  "UserPromptSubmit",
  "PreModelRequest",
  "PostModelRequest",
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PreCompact",
  "PostCompact",
  "SubagentStart",
  "SubagentStop",
  "Stop",
  "Interrupt",
] as const;

export type HookEvent = (typeof HOOK_EVENTS)[number];

const DEFAULT_MS = 60_000;
const LONGEST_MS = 600_000;
const LAST_MOMENT_MS = 3000;

/** How long a hook may take; at the end of a session or a turn nobody waits for long. `seconds` is what was configured. */
export function hookTimeLimit(event: HookEvent, seconds: number | undefined): number {
  const most = event === "SessionEnd" || event === "Interrupt" ? LAST_MOMENT_MS : LONGEST_MS;
  return Math.min(seconds === undefined ? DEFAULT_MS : Math.max(1, Math.round(seconds * 1000)), most);
}

export function isHookEvent(name: string): name is HookEvent {
  return HOOK_EVENTS.some((event) => event === name);
}
