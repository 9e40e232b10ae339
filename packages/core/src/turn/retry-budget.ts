import type { ErrorInfo } from "@quire/protocol";

/** Enough for an endpoint with a bad hour, not for one that is gone. */
export const RETRIES_PER_TURN = 20;

/** One turn's budget of attempts made again: each call has its own limits, and a turn of many calls would multiply them. */
export class RetryBudget {
  readonly #allowed: number;
  #used = 0;

  constructor(allowed: number) {
    this.#allowed = allowed;
  }

  /** Counts one more attempt after this failure. Null when it may be made; else the error, told as the last one. */
  take(error: ErrorInfo): ErrorInfo | null {
    if (this.#used < this.#allowed) {
      this.#used += 1;
      return null;
    }
    return {
      ...error,
      message: `${error.message} (the ${this.#allowed} retries of this turn are used up: [budget] retries_per_turn)`,
    };
  }
}
