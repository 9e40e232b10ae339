/** What calls in progress of a turn's agents may still take of its limits. */
export class HeldBudget {
  #tokens = 0;
  #usd = 0;
  #waiting: (() => void)[] = [];

  get tokens(): number {
    return this.#tokens;
  }

  get usd(): number {
    return this.#usd;
  }

  /** The returned function gives it back, once. */
  hold(tokens: number, usd: number): () => void {
    this.#tokens += tokens;
    this.#usd += usd;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#tokens -= tokens;
      // Sums of fractions: what is left of none is none.
      this.#usd = this.#tokens === 0 ? 0 : this.#usd - usd;
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  /** Resolves when something is given back, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        signal.removeEventListener("abort", wake);
        resolve();
      };
      signal.addEventListener("abort", wake, { once: true });
      this.#waiting.push(wake);
    });
  }
}
