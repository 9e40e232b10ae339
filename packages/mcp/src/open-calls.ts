import type { CallClock } from "./call-clock.ts";

/** The calls that wait for one server. While it has a person asked something, their time stands still. */
export class OpenCalls {
  readonly #clocks = new Set<CallClock>();
  #asking = 0;
  #idle = new AbortController();

  /** Returns what takes the call out again and stops its clock. */
  add(clock: CallClock): () => void {
    this.#clocks.add(clock);
    for (let at = 0; at < this.#asking; at++) clock.pause();
    return () => {
      this.#clocks.delete(clock);
      clock.stop();
      if (this.#clocks.size > 0) return;
      this.#idle.abort(new Error("the calls that a question belonged to have ended"));
      this.#idle = new AbortController();
    };
  }

  /** Whether the server has nothing to answer. */
  get isIdle(): boolean {
    return this.#clocks.size === 0;
  }

  /** Aborts when the last of the calls that wait now has ended; never where none waits. */
  untilIdle(): AbortSignal {
    return this.isIdle ? new AbortController().signal : this.#idle.signal;
  }

  pause(): void {
    this.#asking += 1;
    for (const clock of this.#clocks) clock.pause();
  }

  resume(): void {
    this.#asking -= 1;
    for (const clock of this.#clocks) clock.resume();
  }
}
