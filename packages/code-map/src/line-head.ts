import type { GuessedNames } from "./guessed-names.ts";
import type { Language } from "./languages.ts";
import { type LexicalRules, ROLE } from "./lexical-rules.ts";
import { hashName } from "./names.ts";
import { SIGN, type SourceCursor } from "./source-cursor.ts";

/** The rules of a language, its words as numbers. */
export interface LanguageWords extends LexicalRules {
  roles: ReadonlyMap<number, number>;
  exports: Language["exports"];
}

/** What is read, by what, and who is told. */
export interface LineReading {
  cursor: SourceCursor;
  words: LanguageWords;
  guessed: GuessedNames;
}

/** What a line that is only a type says of the next one, which begins with the name of its function. */
export interface Carried {
  plain: number;
  roles: number;
}
export const NOTHING_CARRIED: Carried = { plain: 0, roles: 0 };

/** Stand between the words of a type, or between a word and the name that it declares. */
const FILLERS = new Set([..."*&!?@"].map((sign) => sign.charCodeAt(0)));
const ROUNDS = [SIGN.open, SIGN.close] as const;
const ANGLES = [SIGN.angle, SIGN.endAngle] as const;
const SQUARES = [SIGN.square, SIGN.endSquare] as const;

const EXPORT = hashName("export");
const EXPORTS = hashName("exports");
const PROTOTYPE = hashName("prototype");

/** The beginning of one line, up to where it says what it declares. Reads on from where the cursor is. */
export class LineHead {
  readonly #cursor: SourceCursor;
  readonly #words: LanguageWords;
  readonly #guessed: GuessedNames;
  /** The role of the word whose name is awaited; 0 for none. */
  #awaited = 0;
  /** Of all words together. */
  #roles: number;
  #lastRole = 0;
  #count = 0;
  /** Words without a role, such as types and names. */
  #plain: number;
  /** Whether the last word is a part of what stands before it: `a.b`. */
  #joined = false;
  /** Whether the next one will be. */
  #joins = false;
  #last = 0;
  #beforeLast = 0;
  #listsExports = false;
  #carries = NOTHING_CARRIED;

  constructor({ cursor, words, guessed }: LineReading, { plain, roles }: Carried) {
    this.#cursor = cursor;
    this.#words = words;
    this.#guessed = guessed;
    this.#plain = plain;
    this.#roles = roles;
  }

  /** Whether it is `export {` or `export *`. */
  get listsExports(): boolean {
    return this.#listsExports;
  }

  get carries(): Carried {
    return this.#carries;
  }

  get hasWord(): boolean {
    return this.#count > 0;
  }

  /** Passes the word at the cursor; its role. */
  passWord(): number {
    this.#beforeLast = this.#last;
    this.#last = this.#cursor.passWord();
    this.#joined = this.#joins;
    this.#joins = false;
    this.#count++;
    this.#lastRole = this.#words.roles.get(this.#last) ?? 0;
    return this.#lastRole;
  }

  /** Reads on until it is clear what is declared. `hasMethods`: the line stands directly in a class. */
  read(hasMethods: boolean): void {
    if (this.hasWord && this.#afterWord()) return;
    while (this.#part(hasMethods));
  }

  /** Takes the next word or sign of a line; false when nothing behind it tells of a declaration. */
  #part(hasMethods: boolean): boolean {
    const cursor = this.#cursor;
    cursor.passBlanks();
    const byte = cursor.byte();
    if (cursor.isAtWord()) {
      this.passWord();
      return !this.#afterWord();
    }
    if (byte === SIGN.open) return this.#atBracket(hasMethods);
    if (byte === SIGN.angle) cursor.passBrackets(ANGLES);
    else if (byte === SIGN.square) cursor.passBrackets(SQUARES);
    else if (byte === SIGN.dot || (byte === SIGN.colon && cursor.byte(1) === SIGN.colon)) {
      // `module.exports = …` declares no module, `def self.make` declares `make`.
      if ((this.#lastRole & ROLE.qualifies) === 0) this.#awaited = 0;
      this.#joins = true;
      cursor.step();
      if (byte === SIGN.colon) cursor.step();
    } else if (FILLERS.has(byte)) {
      if ((this.#awaited & ROLE.withBody) !== 0) this.#awaited = 0;
      cursor.step();
    } else if (byte === SIGN.hash) {
      this.#roles |= ROLE.hides;
      cursor.step();
      // Of C a line of its preprocessor; what it says of visibility is nothing.
      if (this.#words.bare === "typed") this.#roles = 0;
    } else {
      this.#atOtherSign(byte);
      return false;
    }
    return true;
  }

  /** Whether the line has said what it declares, or declares nothing. */
  #afterWord(): boolean {
    const cursor = this.#cursor;
    const role = this.#lastRole;
    if (this.#awaited !== 0 && (role & (ROLE.declares | ROLE.qualifies)) === 0) {
      if (this.#hasWhatItNeeds(this.#awaited)) {
        this.declare(this.#awaited);
        return true;
      }
      this.#plain++;
      return (this.#awaited & ROLE.withBody) === 0;
    }
    this.#roles |= role & (ROLE.shows | ROLE.hides);
    if ((role & ROLE.declares) !== 0) this.#awaited = role;
    else if ((role & ROLE.opens) !== 0) {
      this.#guessed.open({ hasMethods: false, isList: false }, null);
      return true;
    } else if (role === 0) this.#plain++;
    else if (this.#last === EXPORT) {
      const next = cursor.byteBehindBlanks();
      if (next === SIGN.curly || next === SIGN.star) this.#listsExports = true;
    }
    return false;
  }

  #hasWhatItNeeds(role: number): boolean {
    const next = this.#cursor.byteBehindBlanks();
    if ((role & ROLE.withValue) !== 0) return next !== SIGN.lineEnd;
    return (
      (role & ROLE.withBody) === 0 || next === SIGN.curly || next === SIGN.colon || next === SIGN.lineEnd
    );
  }

  #atBracket(hasMethods: boolean): boolean {
    const cursor = this.#cursor;
    const { bare } = this.#words;
    if ((this.#awaited & ROLE.grouped) !== 0) {
      this.#guessed.open({ hasMethods: false, isList: true }, null);
      return false;
    }
    const isAside = (this.#awaited & ROLE.receives) !== 0 || (this.#lastRole & ROLE.shows) !== 0;
    if (isAside) {
      cursor.passBrackets(ROUNDS);
      return true;
    }
    const isCallable =
      (bare === "typed" && this.#plain >= 2) ||
      (bare === "method" && hasMethods && this.#plain === 1) ||
      (bare === "function" && this.#plain === 1 && cursor.byte(1) === SIGN.close);
    if (isCallable && !this.#joined) this.declare(0);
    return false;
  }

  #atOtherSign(byte: number): void {
    const { bare, constants } = this.#words;
    const next = this.#cursor.byte(1);
    if (byte === SIGN.lineEnd && bare === "typed") this.#carries = { plain: this.#plain, roles: this.#roles };
    // A property of C#: `int Count { get; }`, `int Count => 1`.
    const isProperty = byte === SIGN.curly || (byte === SIGN.equals && next === SIGN.endAngle);
    if (isProperty && bare === "typed" && this.#plain >= 2 && !this.#joined) this.declare(0);
    if (byte !== SIGN.equals && byte !== SIGN.colon) return;
    if (constants && this.#count === 1 && next !== SIGN.equals && /^[A-Z]/.test(this.#cursor.lastWord())) {
      this.declare(0);
    }
    const isAssigned = this.#joined && (this.#beforeLast === EXPORTS || this.#beforeLast === PROTOTYPE);
    if (bare === "method" && isAssigned && next !== SIGN.equals) this.declare(0);
  }

  /** The word that was passed last is declared. */
  declare(role: number): void {
    const marks = { shows: (this.#roles & ROLE.shows) !== 0, hides: (this.#roles & ROLE.hides) !== 0 };
    const declared = this.#guessed.declare(this.#cursor.lastWord(), marks);
    if ((role & ROLE.opens) === 0) return;
    this.#guessed.open({ hasMethods: (role & ROLE.hasMethods) !== 0, isList: false }, declared);
  }

  /** `typedef int length;`, `typedef int (*callback)(void);`; false when the name stands behind a body. */
  passNameOfType(): boolean {
    const cursor = this.#cursor;
    while (cursor.byte() !== SIGN.lineEnd && cursor.byte() !== SIGN.curly) {
      const isOpen = cursor.byte() === SIGN.open;
      const isPointer = isOpen && cursor.byte(1) === SIGN.star;
      if (cursor.isAtWord()) this.passWord();
      else if ((isOpen && !isPointer) || cursor.byte() === SIGN.semicolon) {
        this.declare(0);
        return true;
      } else cursor.step();
    }
    return false;
  }
}
