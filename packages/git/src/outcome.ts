/** Why git gave no answer. `message` says what was attempted, on what, and what to do next. */
export interface GitFailure {
  readonly kind: "failed";
  readonly code:
    | "bad-argument"
    | "not-found"
    | "timed-out"
    | "interrupted"
    | "output-too-large"
    | "start-failed"
    | "git-failed"
    | "closed";
  readonly message: string;
}

export type GitOutcome<Value> = { readonly kind: "ok"; readonly value: Value } | GitFailure;

export function ok<Value>(value: Value): { readonly kind: "ok"; readonly value: Value } {
  return { kind: "ok", value };
}

export function failure(code: GitFailure["code"], message: string): GitFailure {
  return { kind: "failed", code, message };
}

/** Applies `change` to a good answer and hands a failure through. */
export function mapOutcome<From, To>(outcome: GitOutcome<From>, change: (value: From) => To): GitOutcome<To> {
  return outcome.kind === "ok" ? ok(change(outcome.value)) : outcome;
}
