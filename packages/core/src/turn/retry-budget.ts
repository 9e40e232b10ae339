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

  /** Whether one more attempt may be made. */
  take(): boolean {
    if (this.#used >= this.#allowed) return false;
    this.#used += 1;
    return true;
  }

  /** The error of the attempt that was the last one, told as what it is. */
  exhausted(error: ErrorInfo): ErrorInfo {
    return {
      ...error,
      message: `${error.message} (the ${this.#allowed} retries of this turn are used up: [budget] retries_per_turn)`,
    };
  }
}
