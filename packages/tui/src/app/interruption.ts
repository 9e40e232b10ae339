/** Within this time a second Ctrl-C means more than the first. Esc has no such time: any other key ends it. */
const TWICE_MS = 2000;

type StopKey = "ctrlC" | "escape";

/** What is to be done after a key. `warn`: nothing yet, the hint says what the second press would do. */
export type Interrupted = "interrupt" | "warn" | "leave" | "rewind";

/**
 * What Ctrl-C and Esc do in an empty composer. Both interrupt what runs. Ctrl-C twice in a short time leaves, so that one
 * which comes much later, for the next turn, does not. Esc twice, however slowly, with no other key between and while
 * nothing runs, takes an earlier message back.
 */
export class Interruption {
  readonly #now: () => number;
  #hint: { readonly key: StopKey; readonly text: string; readonly until: number } | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Words for the status line while a second press would do more. */
  get hint(): string | null {
    return this.#current?.text ?? null;
  }

  /** Whether the hint goes away by itself, so that it has to be drawn again without a key. */
  get isTimed(): boolean {
    return Number.isFinite(this.#current?.until);
  }

  /** Another key was pressed, or something begins to run: a second Esc is a first one again. */
  forgetEscape(): void {
    if (this.#hint?.key === "escape") this.#hint = null;
  }

  press(key: StopKey, isRunning: boolean): Interrupted {
    const isSecond = this.#current?.key === key;
    if (key === "escape" && isRunning) return "interrupt";
    if (isSecond) {
      this.#hint = null;
      return key === "ctrlC" ? "leave" : "rewind";
    }
    const text =
      key === "escape"
        ? "Esc again takes an earlier message back"
        : isRunning
          ? "Interrupting · Ctrl-C again leaves"
          : "Ctrl-C again leaves";
    const until = key === "escape" ? Number.POSITIVE_INFINITY : this.#now() + TWICE_MS;
    this.#hint = { key, text, until };
    return isRunning ? "interrupt" : "warn";
  }

  get #current() {
    return this.#hint !== null && this.#hint.until > this.#now() ? this.#hint : null;
  }
}
