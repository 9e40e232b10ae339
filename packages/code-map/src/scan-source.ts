import { GuessedNames } from "./guessed-names.ts";
import { type LanguageName, languageNamed } from "./languages.ts";
import { lexicalRules, ROLE } from "./lexical-rules.ts";
import {
  type Carried,
  type LanguageWords,
  LineHead,
  type LineReading,
  NOTHING_CARRIED,
} from "./line-head.ts";
import { hashName, NameSet } from "./names.ts";
import { SIGN, SourceCursor } from "./source-cursor.ts";

/** What the words of a file tell. */
export interface ScannedNames {
  /**
   * Numbers of names (`hashName`): first of what the file seems to declare at its top for others, then of what it seems to
   * declare inside, or by a plain word, then of all names in it.
   */
  names: Uint32Array;
  topCount: number;
  innerCount: number;
}

/**
 * Reads the names in files, and guesses which of them are declared: by the words before them and by how far their lines are
 * indented. Strings and brackets that go over lines are not understood, so a guess may be wrong: it is good for comparing
 * files and is never shown. The time grows with the length of a file and with nothing else.
 */
export function createSourceScanner(): (bytes: Uint8Array, language: LanguageName) => ScannedNames {
  const languages = new Map<LanguageName, LanguageWords>();
  const names = new NameSet();
  return (bytes, language) => {
    let words = languages.get(language);
    if (words === undefined) {
      const rules = lexicalRules(language);
      const roles = new Map(Object.entries(rules.words).map(([word, role]) => [hashName(word), role]));
      words = { ...rules, roles, exports: languageNamed(language).exports };
      languages.set(language, words);
    }
    names.clear();
    return new SourceScan(new SourceCursor(bytes, names), words, names).run();
  };
}

/** Lines that begin with them open and end nothing. */
const CLOSERS = new Set<number>([SIGN.close, SIGN.endSquare, SIGN.endCurly, SIGN.curly]);
const EXPORTS = hashName("exports");

class SourceScan {
  readonly #reading: LineReading;
  readonly #names: NameSet;
  /** What ends the comment that goes on over lines. */
  #commentEnd: readonly number[] | null = null;
  #isListed = false;
  /** Columns before a `typedef` whose name comes behind its body; -1 for none. */
  #openType = -1;
  /** A line that was only a type: the name of its function begins the next one. */
  #carried: Carried = NOTHING_CARRIED;

  constructor(cursor: SourceCursor, words: LanguageWords, names: NameSet) {
    this.#reading = { cursor, words, guessed: new GuessedNames(words.exports) };
    this.#names = names;
  }

  run(): ScannedNames {
    const cursor = this.#reading.cursor;
    while (!cursor.isAtEnd()) {
      if (this.#commentEnd === null) this.#line();
      const start = cursor.at;
      cursor.passLine();
      if (this.#commentEnd !== null && cursor.passed(start, this.#commentEnd)) this.#commentEnd = null;
    }
    const all = this.#names.all();
    const { top, inner } = this.#reading.guessed.finish(this.#isListed || this.#names.has(EXPORTS));
    const names = new Uint32Array(top.size + inner.size + all.length);
    names.set([...top]);
    names.set([...inner], top.size);
    names.set(all, top.size + inner.size);
    return { names, topCount: top.size, innerCount: inner.size };
  }

  #line(): void {
    const { cursor, words, guessed } = this.#reading;
    const indent = cursor.passBlanks();
    const byte = cursor.byte();
    if (byte === SIGN.lineEnd || this.#isComment(byte)) return;
    if (CLOSERS.has(byte)) {
      if (indent === this.#openType) this.#nameOfOpenType(indent);
      return;
    }
    if (words.hasLabels && cursor.isAtLabel()) return;
    const level = guessed.startLine(indent);
    if (level === null) return;
    const head = new LineHead(this.#reading, this.#carried);
    this.#carried = NOTHING_CARRIED;
    const role = cursor.isAtWord() ? head.passWord() : 0;
    if (level.isList) {
      if (head.hasWord) head.declare(0);
      return;
    }
    if ((role & ROLE.ends) !== 0) return;
    if ((role & ROLE.namesLast) !== 0) {
      if (!head.passNameOfType()) this.#openType = indent;
      return;
    }
    head.read(level.hasMethods);
    this.#carried = head.carries;
    if (head.listsExports) this.#isListed = true;
  }

  #isComment(byte: number): boolean {
    const cursor = this.#reading.cursor;
    if (byte === SIGN.hash) return this.#reading.words.hashComments;
    if (byte === SIGN.star) return true;
    if (byte === SIGN.slash) {
      if (cursor.byte(1) === SIGN.star) this.#beginComment([SIGN.star, SIGN.slash]);
      return true;
    }
    const isQuote = byte === SIGN.quotes || byte === SIGN.quote;
    if (!isQuote || cursor.byte(1) !== byte || cursor.byte(2) !== byte) return false;
    this.#beginComment([byte, byte, byte]);
    return true;
  }

  #beginComment(end: readonly number[]): void {
    for (const _ of end) this.#reading.cursor.step();
    this.#commentEnd = end;
  }

  /** At the brace behind the body of a `typedef`. */
  #nameOfOpenType(indent: number): void {
    const cursor = this.#reading.cursor;
    if (cursor.byte() !== SIGN.endCurly) return;
    this.#openType = -1;
    cursor.step();
    cursor.passBlanks();
    if (!cursor.isAtWord() || this.#reading.guessed.startLine(indent) === null) return;
    const head = new LineHead(this.#reading, NOTHING_CARRIED);
    head.passWord();
    head.declare(0);
  }
}
