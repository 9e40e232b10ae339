/**
 * Cuts a text at the first stop sequence to be completed; of those that end at one place the longest counts. The text may
 * come in any pieces: what could still become a stop sequence is held back, so the result is that of the whole text.
 */
export class StopCutter {
  readonly #stops: readonly string[];
  #held = "";
  #stopped = false;

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** Whether a stop sequence has come; nothing comes out after it. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes a piece; what may be shown by now. */
  push(piece: string): string {
    if (this.#stopped) return "";
    const text = this.#held + piece;
    const match = this.#firstMatch(text);
    if (match !== null) {
      this.#stopped = true;
      this.#held = "";
      return text.slice(0, match);
    }
    const from = this.#holdFrom(text);
    this.#held = text.slice(from);
    return text.slice(0, from);
  }

  /** The text has ended; what was held back. */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }

  #firstMatch(text: string): number | null {
    let best: { start: number; end: number } | null = null;
    for (const stop of this.#stops) {
      const start = text.indexOf(stop);
      if (start < 0) continue;
      const end = start + stop.length;
      if (best === null || end < best.end || (end === best.end && start < best.start)) best = { start, end };
    }
    return best?.start ?? null;
  }

  /** Where the longest end begins that is the beginning of a stop sequence. */
  #holdFrom(text: string): number {
    let from = text.length;
    for (const stop of this.#stops) {
      for (let at = Math.max(0, text.length - stop.length + 1); at < from; at++) {
        if (stop.startsWith(text.slice(at))) from = at;
      }
    }
    return from;
  }
}
