import { ClientError } from "@quire/client";
import type { Cost, TokenUsage } from "@quire/protocol";
import type { WireItem, WireTurn } from "@quire/protocol/app-server";

/** Anything that went wrong, with a stable `code`: the engine's own (`model_unauthorized`, …) or one of this package. */
export class QuireError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** What to do about it, where somebody knows. */
  readonly nextStep: string | null;
  /** Unix seconds at which a limit of the endpoint's is lifted, where it said so. */
  readonly resetAt: number | null;

  constructor(
    code: string,
    message: string,
    options: {
      retryable?: boolean;
      nextStep?: string | null;
      resetAt?: number | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "QuireError";
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.nextStep = options.nextStep ?? null;
    this.resetAt = options.resetAt ?? null;
  }
}

/** What a turn had brought when it ended badly. */
export interface PartialTurn {
  items: readonly WireItem[];
  usage: TokenUsage | null;
  cost: Cost | null;
}

/** The turn failed; `partial` holds what it did before. */
export class TurnFailedError extends QuireError {
  readonly partial: PartialTurn;

  constructor(turn: WireTurn, partial: PartialTurn) {
    const error = turn.error?.error;
    super(error?.code ?? "turn_failed", turn.error?.message ?? "the turn failed", {
      retryable: error?.retryable ?? false,
      nextStep: error?.next_step ?? null,
      resetAt: error?.reset_at ?? null,
    });
    this.name = "TurnFailedError";
    this.partial = partial;
  }
}

/** A budget of this run was used up and the turn was interrupted. `code` is `budget_exceeded`. */
export class BudgetExceededError extends QuireError {
  readonly budget: "maxTurns" | "maxTokens" | "maxCostUsd" | "timeoutMs";
  readonly partial: PartialTurn;

  constructor(budget: BudgetExceededError["budget"], message: string, partial: PartialTurn) {
    super("budget_exceeded", message);
    this.name = "BudgetExceededError";
    this.budget = budget;
    this.partial = partial;
  }
}

/** The caller's signal ended the run. `code` is `aborted`. */
export class AbortedError extends QuireError {
  readonly partial: PartialTurn;

  constructor(reason: unknown, partial: PartialTurn) {
    super("aborted", "the run was aborted", { cause: reason });
    this.name = "AbortedError";
    this.partial = partial;
  }
}

/** Errors of the connection in this package's words. @internal */
export function quireErrorOf(thrown: unknown): unknown {
  if (!(thrown instanceof ClientError)) return thrown;
  const { code, message, retryable, nextStep } = thrown;
  return new QuireError(code, message, { retryable, nextStep, cause: thrown });
}
