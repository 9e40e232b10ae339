import type { WindowThread } from "./window-thread.ts";

/** The threads of a window in the order in which they were opened, one of which is shown. Never empty. */
export class ThreadSet {
  #all: WindowThread[];
  #shown: WindowThread;

  constructor(first: WindowThread) {
    this.#all = [first];
    this.#shown = first;
  }

  get shown(): WindowThread {
    return this.#shown;
  }

  get all(): readonly WindowThread[] {
    return this.#all;
  }

  get others(): readonly WindowThread[] {
    return this.#all.filter((thread) => thread !== this.#shown);
  }

  /** Shows a thread, a new one or one of the window. */
  show(thread: WindowThread): void {
    if (!this.#all.includes(thread)) this.#all.push(thread);
    this.#shown = thread;
  }

  /** Takes one out that is not shown. */
  remove(thread: WindowThread): void {
    if (thread !== this.#shown) this.#all = this.#all.filter((other) => other !== thread);
  }

  /** Those that want something come first, then the next one in order; null when there is no other. */
  next(): WindowThread | null {
    const at = this.#all.indexOf(this.#shown);
    const round = [...this.#all.slice(at + 1), ...this.#all.slice(0, at)];
    const wanting = (["asks", "ended"] as const).flatMap((what) =>
      round.filter(({ attention }) => attention === what),
    );
    return wanting[0] ?? round[0] ?? null;
  }
}
