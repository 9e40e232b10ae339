import type { Requirement } from "./command-context.ts";

/**
 * `safe`: may run without asking under the strictest policy, inside the sandbox. `ask`: needs an answer.
 * `forbid`: refused unless the user says so for that very command.
 */
export type Verdict = "safe" | "ask" | "forbid";

/** One simple command of a compound and what it was judged to be. */
export interface JudgedPart {
  text: string;
  verdict: Verdict;
  why: string;
  /** Whether a rule the user saved decided this part, or the built-in knowledge. */
  by: "rule" | "built-in";
}

/** The verdict on a whole command text. */
export interface Classification {
  verdict: Verdict;
  /** A phrase for the approval dialog, in lower case, without a full stop. */
  why: string;
  /** In source order. Commands inside substitutions and nested shells are included. */
  parts: JudgedPart[];
  /** What the runner must do for `safe` to hold; empty otherwise. */
  requires: Requirement[];
}

const SEVERITY: Readonly<Record<Verdict, number>> = { safe: 0, ask: 1, forbid: 2 };

/** The more severe of two verdicts. */
export function worse(one: Verdict, other: Verdict): Verdict {
  return SEVERITY[one] >= SEVERITY[other] ? one : other;
}
