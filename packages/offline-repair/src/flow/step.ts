/** One entry of the plan that the front ends show. */
export interface PlanEntry {
  step: string;
  status: "pending" | "in_progress" | "completed";
}

/** What the engine wants done next. */
export type Call =
  | { kind: "command"; command: string; outputTokens: number }
  | { kind: "poll"; sessionId: number; outputTokens: number }
  | { kind: "patch"; patch: string }
  | { kind: "plan"; plan: readonly PlanEntry[] };

/** One response of the engine: what it says and shows, and the call it waits for. */
export interface Step {
  say?: string;
  think?: string;
  plan?: readonly PlanEntry[];
  call: Call;
}

/** What came back for a step's call, and what the user said meanwhile. */
export interface Reply {
  output: string;
  steering: readonly string[];
}

/** How a turn of the engine ends. The kind is readable in the answer's second line; see `answerKind`. */
export type AnswerKind = "repaired" | "already-green" | "not-repaired" | "declined" | "stopped";

export interface Answer {
  kind: AnswerKind;
  /** What to tell the user, without the header. */
  text: string;
}

/**
 * A turn as a straight-line program: it yields steps, is resumed with their replies and returns its answer. It is run
 * again from the start for every request, so it may depend on nothing but its arguments and the replies.
 */
export type Flow<Result> = Generator<Step, Result, Reply>;
