import { FIRST_HASH, NAME_BYTE, type NameSet, nextHash, SHORTEST_NAME } from "./names.ts";

const code = (character: string): number => character.charCodeAt(0);
/** Signs that a line of code may have. */
export const SIGN = {
  lineEnd: 10,
  open: code("("),
  close: code(")"),
  hash: code("#"),
  star: code("*"),
  slash: code("/"),
  colon: code(":"),
  dot: code("."),
  equals: code("="),
  curly: code("{"),
  endCurly: code("}"),
  semicolon: code(";"),
  angle: code("<"),
  endAngle: code(">"),
  square: code("["),
  endSquare: code("]"),
  quote: code("'"),
  quotes: code('"'),
} as const;

const LINE_END = SIGN.lineEnd;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;
const TAB_COLUMNS = 4;

const LONGEST_WORD = 120;

/** A place in the bytes of a file. Whatever it passes, it puts the names there into a set; it never goes back. */
export class SourceCursor {
  readonly #bytes: Uint8Array;
  readonly #names: NameSet;
  #at = 0;
  #wordStart = 0;
  #wordEnd = 0;

  constructor(bytes: Uint8Array, names: NameSet) {
    this.#bytes = bytes;
    this.#names = names;
  }

  get at(): number {
    return this.#at;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The byte here or `ahead` of here; the end of the file is the end of a line. */
  byte(ahead = 0): number {
    return this.#bytes[this.#at + ahead] ?? SIGN.lineEnd;
  }

  isAtWord(): boolean {
    return NAME_BYTE[this.byte()] === 2;
  }

  /** At a word and a colon: `public:`. */
  isAtLabel(): boolean {
    let ahead = 0;
    while (NAME_BYTE[this.byte(ahead)] !== 0) ahead++;
    return ahead > 0 && this.byte(ahead) === SIGN.colon && this.byte(ahead + 1) !== SIGN.colon;
  }

  step(): void {
    this.#at++;
  }

  /** Passes blanks; how many columns they take. */
  passBlanks(): number {
    let columns = 0;
    for (; ; this.#at++) {
      const byte = this.byte();
      if (byte === SPACE) columns++;
      else if (byte === TAB) columns += TAB_COLUMNS;
      else if (byte !== RETURN) return columns;
    }
  }

  /** The first byte behind the blanks here. */
  byteBehindBlanks(): number {
    let ahead = 0;
    while (this.byte(ahead) === SPACE || this.byte(ahead) === TAB || this.byte(ahead) === RETURN) ahead++;
    return this.byte(ahead);
  }

  /** Passes the word here; its number. */
  passWord(): number {
    const start = this.#at;
    let hash = FIRST_HASH;
    for (; NAME_BYTE[this.byte()] !== 0; this.#at++) hash = nextHash(hash, this.byte());
    this.#wordStart = start;
    this.#wordEnd = this.#at;
    hash >>>= 0;
    if (this.#at - start >= SHORTEST_NAME) this.#names.add(hash);
    return hash;
  }

  /** The word that was passed last; only what is not too long for a name. */
  lastWord(): string {
    const end = Math.min(this.#wordEnd, this.#wordStart + LONGEST_WORD);
    const bytes = this.#bytes.subarray(this.#wordStart, end);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
  }

  /** Passes a pair of brackets and what is in it, or the rest of the line when it is not closed there. */
  passBrackets([open, close]: readonly [number, number]): void {
    const [start, end] = [this.#wordStart, this.#wordEnd];
    for (let depth = 0; !this.isAtEnd() && this.byte() !== SIGN.lineEnd; ) {
      if (this.isAtWord()) {
        this.passWord();
        continue;
      }
      if (this.byte() === open) depth++;
      else if (this.byte() === close) depth--;
      this.#at++;
      if (depth === 0) break;
    }
    // The last word is still the one before the brackets.
    this.#wordStart = start;
    this.#wordEnd = end;
  }

  /** Passes the rest of the line with its end. Most bytes of a file go through here. */
  passLine(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at] ?? LINE_END;
      const kind = NAME_BYTE[byte];
      if (kind === 0) {
        at++;
        if (byte === LINE_END) break;
        continue;
      }
      const start = at;
      let hash = FIRST_HASH;
      for (; at < length; at++) {
        const next = bytes[at] ?? 0;
        if (NAME_BYTE[next] === 0) break;
        hash = nextHash(hash, next);
      }
      if (kind === 2 && at - start >= SHORTEST_NAME) this.#names.add(hash >>> 0);
    }
    this.#at = at;
  }

  /** Whether these bytes stand between `start` and here. */
  passed(start: number, wanted: readonly number[]): boolean {
    const last = this.#at - wanted.length;
    for (let at = start; at <= last; at++) {
      if (wanted.every((byte, index) => this.#bytes[at + index] === byte)) return true;
    }
    return false;
  }
}
