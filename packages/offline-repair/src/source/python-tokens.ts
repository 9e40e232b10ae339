import type { Token, TokenKind } from "./token.ts";

const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from " +
    "global if import in is lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER =
  /0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?/y;
const STRING_OPEN = /[rRbBuUfF]{0,2}('''|"""|'|")/y;
const OPERATOR =
  /\*\*=|\/\/=|>>=|<<=|\.\.\.|:=|->|\*\*|\/\/|>>|<<|<=|>=|==|!=|[-+*/%@&|^]=|[-+*/%@&|^~<>=()[\]{},:;.!]/y;

/** Splits Python text into tokens. Never fails: what it cannot read is skipped one character at a time. */
export function tokenizePython(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 0;
  let at = 0;
  const push = (kind: TokenKind, end: number) => {
    const value = text.slice(at, end);
    tokens.push({ kind, text: value, start: at, end, line });
    for (const char of value) if (char === "\n") line += 1;
    at = end;
  };
  while (at < text.length) {
    const char = text[at] ?? "";
    if (char === "\n") {
      line += 1;
      at += 1;
    } else if (char === "#") {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (/\s|\\/.test(char)) {
      at += 1;
    } else if (matchAt(STRING_OPEN, text, at)) {
      push("string", endOfString(text, at));
    } else if (/[\d.]/.test(char) && matchAt(NUMBER, text, at)) {
      push("number", NUMBER.lastIndex);
    } else if (matchAt(NAME, text, at)) {
      push(KEYWORDS.has(text.slice(at, NAME.lastIndex)) ? "keyword" : "name", NAME.lastIndex);
    } else if (matchAt(OPERATOR, text, at)) {
      push("op", OPERATOR.lastIndex);
    } else {
      at += 1;
    }
  }
  return tokens;
}

/** Tries a sticky pattern at an offset; on success the pattern's `lastIndex` is the end of the match. */
export function matchAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function endOfString(text: string, at: number): number {
  STRING_OPEN.lastIndex = at;
  const open = STRING_OPEN.exec(text);
  if (open === null) return at + 1;
  const quote = open[1] ?? "'";
  let position = at + open[0].length;
  while (position < text.length) {
    if (text[position] === "\\") position += 2;
    else if (text.startsWith(quote, position)) return position + quote.length;
    else if (quote.length === 1 && text[position] === "\n") return position;
    else position += 1;
  }
  return text.length;
}
