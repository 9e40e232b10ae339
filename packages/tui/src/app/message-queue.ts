import type { Written } from "../composer/composer.ts";

/** Messages that wait for the end of the turn, in the order in which they are sent. */
export class MessageQueue {
  #waiting: Written[] = [];

  get all(): readonly Written[] {
    return this.#waiting;
  }

  add(written: Written): void {
    this.#waiting.push(written);
  }

  /** Before all others, in the given order. */
  addFirst(written: readonly Written[]): void {
    this.#waiting.unshift(...written);
  }

  /** The one that waited longest. */
  next(): Written | undefined {
    return this.#waiting.shift();
  }

  /** Takes one out, by its place; a negative place counts from the end. */
  take(at: number): Written | undefined {
    return this.#waiting.splice(at, 1)[0];
  }
}
