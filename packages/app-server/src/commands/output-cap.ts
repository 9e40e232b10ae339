/** Lets the beginning of a stream through; what comes behind it is for nobody. */
export class OutputCap {
  #room: number;

  constructor(bytes: number) {
    this.#room = bytes;
  }

  /** The part that still fits, and whether this chunk was the first that did not fit as a whole. */
  take(chunk: Buffer): { part: Buffer; reached: boolean } {
    const before = this.#room;
    const part = before === Number.POSITIVE_INFINITY ? chunk : chunk.subarray(0, Math.max(0, before));
    // Below zero: it was said before that the cap is reached.
    this.#room = before < 0 ? before : before - part.length - (part.length < chunk.length ? 1 : 0);
    return { part, reached: before >= 0 && this.#room < 0 };
  }
}
