import type { ModelEvent } from "../model-client.ts";
import type { Ending } from "./ending.ts";

/** Above this many waiting events the socket is paused until the reader has taken them. */
const HIGH_WATER = 2_048;

/**
 * Between a socket that pushes and a caller that pulls. Events leave in batches, so a burst of deltas costs one wake-up.
 */
export class EventBuffer {
  #events: ModelEvent[] = [];
  #ending: Ending | null = null;
  #wake: (() => void) | null = null;
  #resume: (() => void) | null = null;

  get ending(): Ending | null {
    return this.#ending;
  }

  get empty(): boolean {
    return this.#events.length === 0;
  }

  push(event: ModelEvent): void {
    if (this.#ending !== null) return;
    this.#events.push(event);
    this.#wakeReader();
  }

  /** The first ending counts. */
  end(ending: Ending): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    this.#wakeReader();
  }

  /** True when the writer should stop; `resume` is then called once, after the next take. */
  full(resume: () => void): boolean {
    if (this.#events.length < HIGH_WATER) return false;
    this.#resume = resume;
    return true;
  }

  /** Everything that waits; empty only once the attempt has ended and all was taken. */
  async take(): Promise<readonly ModelEvent[]> {
    if (this.#events.length === 0 && this.#ending === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const batch = this.#events;
    this.#events = [];
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
    return batch;
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
