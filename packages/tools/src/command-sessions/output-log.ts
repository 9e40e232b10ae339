import {
  type BudgetedText,
  estimateTokens,
  keepEnds,
  nextCharacterStart,
  type StreamEnds,
  wholeCharactersLength,
} from "../output-budget.ts";
import { describeBinary, looksBinary, toPrintable } from "./printable-text.ts";

const FIRST_ALLOCATION = 4096;

/**
 * The first and the last bytes of an output of any length, in bounded memory. The beginning is kept once, the end lives
 * in a ring; what lies between is only counted.
 */
export class OutputLog {
  readonly #headCapacity: number;
  readonly #tailCapacity: number;
  #head = Buffer.alloc(0);
  #headLength = 0;
  #ring: Buffer | null = null;
  #ringStart = 0;
  #ringLength = 0;
  #totalBytes = 0;
  #totalNewlines = 0;

  /** Memory in bytes for the beginning and for the end; taken as output arrives. */
  constructor(capacity: { head: number; tail: number }) {
    this.#headCapacity = capacity.head;
    this.#tailCapacity = capacity.tail;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Copies what is kept of `chunk`; `newlines` is the number of line ends in it, counted once for all logs. */
  append(chunk: Buffer, newlines: number): void {
    this.#totalBytes += chunk.length;
    this.#totalNewlines += newlines;
    const toHead = Math.min(chunk.length, this.#headCapacity - this.#headLength);
    if (toHead > 0) this.#appendToHead(chunk.subarray(0, toHead));
    if (toHead < chunk.length) this.#appendToRing(chunk.subarray(toHead));
  }

  /** The output as text within `maxBytes`; binary output becomes one line about it. */
  render(maxBytes: number): BudgetedText {
    const start = this.#head.subarray(0, this.#headLength);
    if (looksBinary(start)) {
      return {
        text: describeBinary(start, this.#totalBytes),
        truncated: false,
        originalTokens: estimateTokens(this.#totalBytes),
        omittedBytes: 0,
        omittedLines: 0,
      };
    }
    return keepEnds(this.#ends(start), maxBytes);
  }

  #ends(start: Buffer): StreamEnds {
    const ring = this.#ringContents();
    if (this.#headLength + this.#ringLength === this.#totalBytes) {
      const raw = ring.length === 0 ? start : Buffer.concat([start, ring]);
      const whole = toPrintable(raw);
      return { start: whole, end: whole, totalBytes: whole.length, totalNewlines: this.#totalNewlines };
    }
    // Something is missing between the two, so each may be cut within a character on the inner side.
    const rawHead = start.subarray(0, wholeCharactersLength(start, start.length));
    const rawTail = ring.subarray(nextCharacterStart(ring, 0));
    const head = toPrintable(rawHead);
    const tail = toPrintable(rawTail);
    const grown = head.length - rawHead.length + tail.length - rawTail.length;
    return {
      start: head,
      end: tail,
      totalBytes: this.#totalBytes + grown,
      totalNewlines: this.#totalNewlines,
    };
  }

  #appendToHead(bytes: Buffer): void {
    const needed = this.#headLength + bytes.length;
    if (needed > this.#head.length) {
      const size = Math.min(this.#headCapacity, Math.max(FIRST_ALLOCATION, needed, this.#head.length * 2));
      const larger = Buffer.allocUnsafeSlow(size);
      this.#head.copy(larger, 0, 0, this.#headLength);
      this.#head = larger;
    }
    bytes.copy(this.#head, this.#headLength);
    this.#headLength = needed;
  }

  #appendToRing(bytes: Buffer): void {
    const capacity = this.#tailCapacity;
    const ring = this.#ring ?? Buffer.allocUnsafeSlow(capacity);
    this.#ring = ring;
    const kept = bytes.subarray(Math.max(0, bytes.length - capacity));
    const writeAt = (this.#ringStart + this.#ringLength) % capacity;
    const untilEnd = Math.min(kept.length, capacity - writeAt);
    kept.copy(ring, writeAt, 0, untilEnd);
    kept.copy(ring, 0, untilEnd);
    const length = this.#ringLength + kept.length;
    if (length > capacity) this.#ringStart = (this.#ringStart + length - capacity) % capacity;
    this.#ringLength = Math.min(length, capacity);
  }

  #ringContents(): Buffer {
    if (this.#ring === null) return Buffer.alloc(0);
    const wrapped = this.#ringStart + this.#ringLength - this.#tailCapacity;
    if (wrapped <= 0) return this.#ring.subarray(this.#ringStart, this.#ringStart + this.#ringLength);
    return Buffer.concat([this.#ring.subarray(this.#ringStart), this.#ring.subarray(0, wrapped)]);
  }
}

/**
 * Rejoins characters that a pipe cut in two, so that two streams can be mixed chunk by chunk. Holds back at most three
 * bytes.
 */
export class CharacterSeam {
  #held: Buffer | null = null;

  push(chunk: Buffer): Buffer {
    const joined = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    const whole = wholeCharactersLength(joined, joined.length);
    this.#held = whole === joined.length ? null : Buffer.from(joined.subarray(whole));
    return joined.subarray(0, whole);
  }

  /** What is still held back when the stream ends: an incomplete character. */
  end(): Buffer {
    const rest = this.#held ?? Buffer.alloc(0);
    this.#held = null;
    return rest;
  }
}
