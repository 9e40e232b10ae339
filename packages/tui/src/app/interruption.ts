/** Within this time a second Ctrl-C leaves. */
const LEAVE_MS = 2000;

/** What Ctrl-C and Esc do: the first interrupts what runs, or warns; the second, soon after, leaves. */
export class Interruption {
  readonly #now: () => number;
  #hint: { readonly text: string; readonly until: number } | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Words for the status line while a second press would leave. */
  get hint(): string | null {
    return this.#hint !== null && this.#hint.until > this.#now() ? this.#hint.text : null;
  }

  press(isRunning: boolean): "interrupt" | "warn" | "leave" {
    if (this.hint !== null) return "leave";
    const text = isRunning ? "Interrupting · Ctrl-C again leaves" : "Ctrl-C again leaves";
    this.#hint = { text, until: this.#now() + LEAVE_MS };
    return isRunning ? "interrupt" : "warn";
  }
}
