/** A call that the engine wants made: a tool with its arguments, or a patch in whatever form it can be applied. */
export type Call =
  | { tool: "exec_command" | "write_stdin"; values: Readonly<Record<string, unknown>> }
  | { tool: "apply_patch"; patch: string };

/** What is said and shown with a call. */
export interface Remarks {
  say?: string;
  /** Which step of the plan is in progress now, counted from 0; past the end all are done. */
  plan?: number;
}

/** One response of the engine. Without a call it waits for nothing but the plan to be shown. */
export interface Step extends Remarks {
  call?: Call;
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
