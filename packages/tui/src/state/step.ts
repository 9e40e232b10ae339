import type { ThreadState, TimelineEntry } from "./thread-state.ts";

/** A thread after a notification, and what ended by it, in the order to print it. */
export interface Step {
  readonly state: ThreadState;
  readonly ended: readonly TimelineEntry[];
}

/** Nothing ended. */
export function quiet(state: ThreadState): Step {
  return { state, ended: [] };
}

/** Something is to be said. */
export function noticed(
  state: ThreadState,
  tone: "quiet" | "warn" | "bad",
  message: string,
  code: string | null = null,
): Step {
  return { state, ended: [{ kind: "notice", tone, code, message }] };
}
