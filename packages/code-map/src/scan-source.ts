import { GuessedNames } from "./guessed-names.ts";
import { type Language, type LanguageName, languageNamed } from "./languages.ts";
import { type LexicalRules, lexicalRules, ROLE } from "./lexical-rules.ts";
import { hashName, NameSet } from "./names.ts";
import { LINE_END, SourceCursor } from "./source-cursor.ts";

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

interface LanguageWords extends LexicalRules {
  roles: ReadonlyMap<number, number>;
  exports: Language["exports"];
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

const char = (character: string): number => character.charCodeAt(0);
const OPEN = char("(");
const HASH = char("#");
const STAR = char("*");
const SLASH = char("/");
const COLON = char(":");
const DOT = char(".");
const EQUALS = char("=");
const CURLY = char("{");
const END_CURLY = char("}");
const SEMICOLON = char(";");

const CLOSERS = new Set([..."})]{"].map(char));
/** Stand between the words of a type, or between a word and the name that it declares. */
const FILLERS = new Set([..."*&!?@"].map(char));
const ANGLES = [char("<"), char(">")] as const;
const SQUARES = [char("["), char("]")] as const;

const EXPORT = hashName("export");
const EXPORTS = hashName("exports");
const PROTOTYPE = hashName("prototype");

/** What a line has said until the place that was reached. */
interface Head {
  /** The role of the word whose name is awaited; 0 for none. */
  awaited: number;
  /** Of all words together. */
  roles: number;
  lastRole: number;
  words: number;
  /** Words without a role, such as types and names. */
  plain: number;
  /** Whether the last word is a part of what stands before it: `a.b`. */
  joined: boolean;
  /** Whether the next one will be. */
  joins: boolean;
  last: number;
  beforeLast: number;
}

class SourceScan {
  readonly #cursor: SourceCursor;
  readonly #words: LanguageWords;
  readonly #names: NameSet;
  readonly #guessed: GuessedNames;
  /** What ends the comment that goes on over lines. */
  #commentEnd: readonly number[] | null = null;
  #isListed = false;
  /** Columns before a `typedef` whose name comes behind its body; -1 for none. */
  #openType = -1;
  /** A line that was only a type: the name of its function begins the next one. */
  #carried = { plain: 0, roles: 0 };

  constructor(cursor: SourceCursor, words: LanguageWords, names: NameSet) {
    this.#cursor = cursor;
    this.#words = words;
    this.#names = names;
    this.#guessed = new GuessedNames(words.exports);
  }

  run(): ScannedNames {
    const cursor = this.#cursor;
    while (!cursor.isAtEnd()) {
      if (this.#commentEnd === null) this.#line();
      const start = cursor.at;
      cursor.passLine();
      if (this.#commentEnd !== null && cursor.passed(start, this.#commentEnd)) this.#commentEnd = null;
    }
    const all = this.#names.all();
    const { top, inner } = this.#guessed.finish(this.#isListed || this.#names.has(EXPORTS));
    const names = new Uint32Array(top.size + inner.size + all.length);
    names.set([...top]);
    names.set([...inner], top.size);
    names.set(all, top.size + inner.size);
    return { names, topCount: top.size, innerCount: inner.size };
  }

  #line(): void {
    const cursor = this.#cursor;
    const indent = cursor.passBlanks();
    const byte = cursor.byte();
    if (byte === LINE_END || this.#isComment(byte)) return;
    if (CLOSERS.has(byte)) {
      if (indent === this.#openType) this.#nameOfOpenType(indent);
      return;
    }
    const head = this.#newHead();
    let role = 0;
    if (cursor.isAtWord()) {
      role = this.#passWord(head);
      if ((role & ROLE.label) !== 0 && cursor.byteBehindBlanks() === COLON) return;
    }
    const level = this.#guessed.startLine(indent);
    if (level === null) return;
    if (level.isList) {
      if (head.words > 0) this.#declare(head, 0);
      return;
    }
    if ((role & ROLE.ends) !== 0) return;
    if ((role & ROLE.namesLast) !== 0) {
      if (!this.#typeNamedLast(head)) this.#openType = indent;
      return;
    }
    if (head.words > 0 && this.#afterWord(head)) return;
    while (this.#part(head, level.hasMethods));
  }

  #newHead(): Head {
    const { plain, roles } = this.#carried;
    this.#carried = { plain: 0, roles: 0 };
    return {
      awaited: 0,
      roles,
      lastRole: 0,
      words: 0,
      plain,
      joined: false,
      joins: false,
      last: 0,
      beforeLast: 0,
    };
  }

  #isComment(byte: number): boolean {
    const cursor = this.#cursor;
    if (byte === HASH) return this.#words.hashComments;
    if (byte === STAR) return true;
    if (byte === SLASH) {
      if (cursor.byte(1) === STAR) this.#beginComment([STAR, SLASH]);
      return true;
    }
    const isQuote = byte === char('"') || byte === char("'");
    if (!isQuote || cursor.byte(1) !== byte || cursor.byte(2) !== byte) return false;
    this.#beginComment([byte, byte, byte]);
    return true;
  }

  #beginComment(end: readonly number[]): void {
    for (const _ of end) this.#cursor.step();
    this.#commentEnd = end;
  }

  #passWord(head: Head): number {
    head.beforeLast = head.last;
    head.last = this.#cursor.passWord();
    head.joined = head.joins;
    head.joins = false;
    head.words++;
    return this.#words.roles.get(head.last) ?? 0;
  }

  /** Takes the next word or sign of a line; false when nothing behind it tells of a declaration. */
  #part(head: Head, hasMethods: boolean): boolean {
    const cursor = this.#cursor;
    cursor.passBlanks();
    const byte = cursor.byte();
    if (cursor.isAtWord()) {
      this.#passWord(head);
      return !this.#afterWord(head);
    }
    if (byte === OPEN) return this.#atBracket(head, hasMethods);
    if (byte === ANGLES[0]) cursor.passBrackets(...ANGLES);
    else if (byte === SQUARES[0]) cursor.passBrackets(...SQUARES);
    else if (byte === DOT || (byte === COLON && cursor.byte(1) === COLON)) {
      // `module.exports = …` declares no module, `def self.make` declares `make`.
      if ((head.lastRole & ROLE.qualifies) === 0) head.awaited = 0;
      head.joins = true;
      cursor.step();
      if (byte === COLON) cursor.step();
    } else if (FILLERS.has(byte)) {
      if ((head.awaited & ROLE.withBody) !== 0) head.awaited = 0;
      cursor.step();
    } else if (byte === HASH) {
      head.roles |= ROLE.hides;
      cursor.step();
      // Of C a line of its preprocessor; what it says of visibility is nothing.
      if (this.#words.bare === "typed") head.roles = 0;
    } else {
      this.#atOtherSign(head, byte);
      return false;
    }
    return true;
  }

  /** Whether the line has said what it declares, or declares nothing. */
  #afterWord(head: Head): boolean {
    const cursor = this.#cursor;
    const role = this.#words.roles.get(head.last) ?? 0;
    head.lastRole = role;
    if (head.awaited !== 0 && (role & (ROLE.declares | ROLE.qualifies)) === 0) {
      if (this.#hasWhatItNeeds(head.awaited)) {
        this.#declare(head, head.awaited);
        return true;
      }
      head.plain++;
      return (head.awaited & ROLE.withBody) === 0;
    }
    head.roles |= role & (ROLE.shows | ROLE.hides);
    if ((role & ROLE.declares) !== 0) head.awaited = role;
    else if ((role & ROLE.opens) !== 0) {
      this.#guessed.open({ hasMethods: false, isList: false }, null);
      return true;
    } else if (role === 0) head.plain++;
    else if (head.last === EXPORT) {
      const next = cursor.byteBehindBlanks();
      if (next === CURLY || next === STAR) this.#isListed = true;
    }
    return false;
  }

  #hasWhatItNeeds(role: number): boolean {
    const next = this.#cursor.byteBehindBlanks();
    if ((role & ROLE.withValue) !== 0) return next !== LINE_END;
    return (role & ROLE.withBody) === 0 || next === CURLY || next === COLON || next === LINE_END;
  }

  #atBracket(head: Head, hasMethods: boolean): boolean {
    const cursor = this.#cursor;
    const { bare } = this.#words;
    if ((head.awaited & ROLE.grouped) !== 0) {
      this.#guessed.open({ hasMethods: false, isList: true }, null);
      return false;
    }
    const isAside = (head.awaited & ROLE.receives) !== 0 || (head.lastRole & ROLE.shows) !== 0;
    if (isAside) {
      cursor.passBrackets(OPEN, char(")"));
      return true;
    }
    const isCallable =
      (bare === "typed" && head.plain >= 2) ||
      (bare === "method" && hasMethods && head.plain === 1) ||
      (bare === "function" && head.plain === 1 && cursor.byte(1) === char(")"));
    if (isCallable && !head.joined) this.#declare(head, 0);
    return false;
  }

  #atOtherSign(head: Head, byte: number): void {
    const { bare, constants } = this.#words;
    const next = this.#cursor.byte(1);
    if (byte === LINE_END && bare === "typed") this.#carried = { plain: head.plain, roles: head.roles };
    // A property of C#: `int Count { get; }`, `int Count => 1`.
    const isProperty = byte === CURLY || (byte === EQUALS && next === ANGLES[1]);
    if (isProperty && bare === "typed" && head.plain >= 2 && !head.joined) this.#declare(head, 0);
    if (byte !== EQUALS && byte !== COLON) return;
    if (constants && head.words === 1 && next !== EQUALS && /^[A-Z]/.test(this.#cursor.lastWord())) {
      this.#declare(head, 0);
    }
    const isAssigned = head.joined && (head.beforeLast === EXPORTS || head.beforeLast === PROTOTYPE);
    if (bare === "method" && isAssigned && next !== EQUALS) this.#declare(head, 0);
  }

  /** The word that was passed last is declared. */
  #declare({ roles }: Head, role: number): void {
    const marks = { shows: (roles & ROLE.shows) !== 0, hides: (roles & ROLE.hides) !== 0 };
    const declared = this.#guessed.declare(this.#cursor.lastWord(), marks);
    if ((role & ROLE.opens) === 0) return;
    this.#guessed.open({ hasMethods: (role & ROLE.hasMethods) !== 0, isList: false }, declared);
  }

  /** `typedef int length;`, `typedef int (*callback)(void);`; false when the name stands behind a body. */
  #typeNamedLast(head: Head): boolean {
    const cursor = this.#cursor;
    while (cursor.byte() !== LINE_END && cursor.byte() !== CURLY) {
      const isOpen = cursor.byte() === OPEN;
      const isPointer = isOpen && cursor.byte(1) === STAR;
      if (cursor.isAtWord()) this.#passWord(head);
      else if ((isOpen && !isPointer) || cursor.byte() === SEMICOLON) {
        this.#declare(head, 0);
        return true;
      } else cursor.step();
    }
    return false;
  }

  /** At the brace behind the body of a `typedef`. */
  #nameOfOpenType(indent: number): void {
    const cursor = this.#cursor;
    if (cursor.byte() !== END_CURLY) return;
    this.#openType = -1;
    cursor.step();
    cursor.passBlanks();
    if (!cursor.isAtWord() || this.#guessed.startLine(indent) === null) return;
    const head = this.#newHead();
    this.#passWord(head);
    this.#declare(head, 0);
  }
}
