import type { Question } from "./judge.ts";

/** What a person is asked. */
export interface ApprovalRequest extends Question {
  threadId: string;
  turnId: string;
  itemId: string;
}

/**
 * `acceptAndRemember` saves the amendment that was shown, `declineAndRemember` a refusal of a host; `cancel` ends the turn
 * as well.
 */
export type ApprovalDecision =
  | "accept"
  | "acceptForSession"
  | "acceptAndRemember"
  | "declineAndRemember"
  | "decline"
  | "cancel";

export interface ApprovalAnswer {
  decision: ApprovalDecision;
  /** What the person wants the model to know; with a refusal. */
  message?: string;
}

/** Puts a question to whoever can answer. Rejects only when `signal` aborts. */
export type Approver = (
  request: ApprovalRequest,
  options: { signal: AbortSignal },
) => Promise<ApprovalAnswer>;
