import { matchAt } from "./python-tokens.ts";
import type { Token, TokenKind } from "./token.ts";

const KEYWORDS = new Set(
  (
    "async await break case catch class const continue debugger default delete do else export extends false finally " +
    "for function if import in instanceof let new null of return static super switch this throw true try typeof " +
    "undefined var void while yield"
  ).split(" "),
);
/** After these a slash divides; after every other token it opens a regular expression. */
const VALUE_KEYWORDS = new Set(["this", "super", "null", "true", "false", "undefined"]);

const NAME = /[#@]?[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER =
  /0[xX][\da-fA-F_]+n?|0[bB][01_]+n?|0[oO][0-7_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?/y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#![^\n]*/y;
const OPERATOR =
  /\.\.\.|=>|>>>=|\*\*=|<<=|>>=|&&=|\|\|=|\?\?=|===|!==|>>>|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|[-+*/%&|^]=|[-+*/%&|^~<>=!?:()[\]{},;.]/y;

/** Splits JavaScript or TypeScript text into tokens; expressions inside template literals are tokens of their own. */
export function tokenizeJavaScript(text: string): Token[] {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #line = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Token[] {
    this.#readUntil(null);
    return this.#tokens;
  }

  /** Reads tokens up to the end, or up to the `}` that closes a template's expression. */
  #readUntil(close: "}" | null): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (close !== null && char === "}" && depth === 0) return;
      if (char === "{") depth += 1;
      if (char === "}") depth -= 1;
      this.#readOne(char);
    }
  }

  #readOne(char: string): void {
    const text = this.#text;
    if (/\s/.test(char)) this.#skip(this.#at + 1);
    else if (char === "`") this.#readTemplate();
    else if (matchAt(COMMENT, text, this.#at) && (char !== "#" || this.#at === 0))
      this.#skip(COMMENT.lastIndex);
    else if (char === "'" || char === '"') {
      matchAt(STRING, text, this.#at);
      this.#push("string", STRING.lastIndex);
    } else if (/[\d.]/.test(char) && matchAt(NUMBER, text, this.#at)) this.#push("number", NUMBER.lastIndex);
    else if (matchAt(NAME, text, this.#at)) {
      const word = text.slice(this.#at, NAME.lastIndex);
      const isKeyword = KEYWORDS.has(word) && !/^\??\.$/.test(this.#tokens.at(-1)?.text ?? "");
      this.#push(isKeyword ? "keyword" : "name", NAME.lastIndex);
    } else if (char === "/" && !this.#afterValue() && matchAt(REGEX, text, this.#at))
      this.#push("regex", REGEX.lastIndex);
    else if (matchAt(OPERATOR, text, this.#at)) this.#push("op", OPERATOR.lastIndex);
    else this.#skip(this.#at + 1);
  }

  /** A template literal becomes string tokens for its fixed parts, with the tokens of its expressions between. */
  #readTemplate(): void {
    let end = this.#at + 1;
    while (end < this.#text.length) {
      if (this.#text[end] === "\\") end += 2;
      else if (this.#text[end] === "`") {
        this.#push("string", end + 1);
        return;
      } else if (this.#text.startsWith("${", end)) {
        this.#push("string", end + 2);
        this.#readUntil("}");
        end = this.#at + 1;
      } else end += 1;
    }
    if (this.#at < this.#text.length) this.#push("string", this.#text.length);
  }

  #afterValue(): boolean {
    const last = this.#tokens.at(-1);
    if (last === undefined) return false;
    if (last.kind === "keyword") return VALUE_KEYWORDS.has(last.text);
    return (
      last.kind !== "op" || last.text === ")" || last.text === "]" || last.text === "++" || last.text === "--"
    );
  }

  #push(kind: TokenKind, end: number): void {
    const start = this.#at;
    this.#tokens.push({ kind, text: this.#text.slice(start, end), start, end, line: this.#line });
    this.#skip(end);
  }

  #skip(end: number): void {
    for (let i = this.#at; i < end; i++) if (this.#text[i] === "\n") this.#line += 1;
    this.#at = end;
  }
}
