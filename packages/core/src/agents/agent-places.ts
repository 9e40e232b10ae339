/** A place to work in, held until it is given back. */
export interface AgentPlace {
  /**
   * Gives the place up while `wait` runs and takes one again afterwards, at the end of the queue, so that agents that wait
   * for their own agents cannot lock a tree. Several waits at once are one, which ends with the last of them. When `signal`
   * aborts, the work goes on without a place: it is about to end.
   */
  without<T>(wait: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** May be called twice. */
  leave(): void;
}

interface Waiting {
  admit(): void;
}

/** How many agents of one tree work at a time. Whoever finds no place waits, first come, first served. */
export class AgentPlaces {
  readonly #limit: number;
  #taken = 0;
  readonly #queue: Waiting[] = [];
  readonly #onFree: () => void;

  /** `onFree` is told when a place becomes free that nobody waits for. */
  constructor(limit: number, onFree: () => void = () => undefined) {
    this.#limit = limit;
    this.#onFree = onFree;
  }

  /** Agents that work now. */
  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves with a place when one is free; with null when `signal` aborts first. */
  async enter(signal: AbortSignal): Promise<AgentPlace | null> {
    if (!(await this.#admitted(signal))) return null;
    let holds = true;
    let left = false;
    let waits = 0;
    return {
      without: async (wait, until) => {
        if (holds) this.#free();
        holds = false;
        waits += 1;
        try {
          return await wait();
        } finally {
          waits -= 1;
          if (waits === 0 && !left && (await this.#admitted(until))) {
            // It may have been left while it waited for a place.
            if (left) this.#free();
            else holds = true;
          }
        }
      },
      leave: () => {
        if (holds) this.#free();
        holds = false;
        left = true;
      },
    };
  }

  #admitted(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#taken < this.#limit && this.#queue.length === 0) {
      this.#taken += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const settle = (admitted: boolean) => {
        signal.removeEventListener("abort", giveUp);
        resolve(admitted);
      };
      const waiting: Waiting = { admit: () => settle(true) };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        settle(false);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#queue.push(waiting);
    });
  }

  /** The place goes straight to whoever has waited longest, so that nobody can slip in between. */
  #free(): void {
    const next = this.#queue.shift();
    if (next !== undefined) next.admit();
    else {
      this.#taken -= 1;
      this.#onFree();
    }
  }
}
