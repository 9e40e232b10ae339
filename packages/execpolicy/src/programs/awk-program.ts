/**
 * Accepts awk programs that only print: conditions on line numbers, fields and patterns, and `print` of fields and fixed
 * texts. Everything that writes, pipes, calls or assigns is refused, as is what this small reader does not know.
 */
export function isHarmlessAwkProgram(program: string): boolean {
  if (program.length > 1024) return false;
  const reader = new AwkReader(program);
  let rules = 0;
  for (reader.blank(true); !reader.atEnd; reader.blank(true)) {
    if (!reader.rule()) return false;
    rules++;
  }
  return rules > 0;
}

const FIELD = /\$(?:\d{1,4}|NF\b)|(?:NR|NF|FNR)\b|\d{1,9}/y;
const TEXT = /"(?:[^"\\\n]|\\[tn\\"])*"/y;
/** A slash in brackets ends a pattern for some and not for others, so there is none. */
const PATTERN = /!?\/(?:[^/\\\n[]|\\[^\n]|\[\^?[^\]/\\\n]+\])*\//y;
const COMPARISON = /==|!=|>=|<=|>|<|!~|~/y;

class AwkReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  blank(andSeparators = false): void {
    this.#take(andSeparators ? /[\s;]*/y : /[ \t]*/y);
  }

  /** A condition, an action, or both. */
  rule(): boolean {
    const condition = this.#text[this.#at] !== "{";
    if (condition && !this.#conditions()) return false;
    this.blank();
    return this.#text[this.#at] === "{" ? this.#action() : condition;
  }

  #conditions(): boolean {
    do {
      this.blank();
      if (!this.#condition()) return false;
      this.blank();
    } while (this.#take(/&&|\|\||,/y));
    return true;
  }

  #condition(): boolean {
    if (this.#take(/(?:BEGIN|END)\b/y) || this.#take(PATTERN)) return true;
    if (!this.#take(FIELD)) return false;
    this.blank();
    if (!this.#take(COMPARISON)) return true;
    this.blank();
    return this.#take(FIELD) || this.#take(TEXT) || this.#take(PATTERN);
  }

  /** `{ print … }`, several with semicolons between. */
  #action(): boolean {
    this.#at++;
    for (;;) {
      this.blank(true);
      if (this.#take(/\}/y)) return true;
      if (!this.#take(/print(?![A-Za-z0-9_])/y)) return false;
      while (this.#take(/[ \t,]+/y) || this.#take(FIELD) || this.#take(TEXT));
      if (!/[;}\n]/.test(this.#text[this.#at] ?? "")) return false;
    }
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}
