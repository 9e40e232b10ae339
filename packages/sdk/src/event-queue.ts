/** Values that come when they come, read in their order. */
export class EventQueue<T> {
  #waiting: T[] = [];
  #wake: (() => void) | null = null;
  #ended: { cause: unknown } | null = null;

  push(value: T): void {
    this.#waiting.push(value);
    this.#wakeReader();
  }

  /** No more comes: the reader fails with this once it has read the rest. */
  fail(cause: unknown): void {
    this.#ended ??= { cause };
    this.#wakeReader();
  }

  async next(): Promise<T> {
    for (;;) {
      const value = this.#waiting.shift();
      if (value !== undefined) return value;
      if (this.#ended) throw this.#ended.cause;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
