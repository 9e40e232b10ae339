import { RulesError, type SourcePlace } from "./rules-error.ts";

export type Token =
  | { kind: "name"; text: string; place: SourcePlace }
  | { kind: "string"; text: string; place: SourcePlace }
  | { kind: "number"; text: string; place: SourcePlace }
  | { kind: "symbol"; text: string; place: SourcePlace }
  | { kind: "newline"; text: ""; place: SourcePlace }
  | { kind: "end"; text: ""; place: SourcePlace };

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  v: "\v",
  "\n": "",
};

/** Splits a rules file into tokens. Newlines inside brackets do not count. */
export function tokenizeRules(source: string, file: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  let depth = 0;
  const place = (): SourcePlace => ({ line, column: at - lineStart + 1 });
  const passLines = (text: string): void => {
    for (let index = text.indexOf("\n"); index >= 0; index = text.indexOf("\n", index + 1)) {
      line += 1;
      lineStart = at + index + 1;
    }
  };
  while (at < source.length) {
    const start = place();
    const char = source.charAt(at);
    if (char === "\n") {
      if (depth === 0) tokens.push({ kind: "newline", text: "", place: start });
      passLines(char);
      at += 1;
    } else if (/[ \t\r]/.test(char) || (at === 0 && char === "\ufeff")) at += 1;
    else if (char === "\\" && source[at + 1] === "\n") {
      passLines("\\\n");
      at += 2;
    } else if (char === "#") {
      const end = source.indexOf("\n", at);
      at = end < 0 ? source.length : end;
    } else if (char === '"' || char === "'" || (/[rR]/.test(char) && /["']/.test(source.charAt(at + 1)))) {
      const { text, length } = readString(source, at, file, start);
      tokens.push({ kind: "string", text, place: start });
      passLines(source.slice(at, at + length));
      at += length;
    } else if (/[A-Za-z_]/.test(char)) {
      const text = /^[A-Za-z_][A-Za-z0-9_]*/.exec(source.slice(at, at + 256))?.[0] ?? char;
      tokens.push({ kind: "name", text, place: start });
      at += text.length;
    } else if (/[0-9]/.test(char)) {
      const text = /^[0-9][0-9A-Za-z_.]*/.exec(source.slice(at, at + 256))?.[0] ?? char;
      tokens.push({ kind: "number", text, place: start });
      at += text.length;
    } else if (/[()[\]{},=+;:.%*<>!-]/.test(char)) {
      if (/[([{]/.test(char)) depth += 1;
      if (/[)\]}]/.test(char)) depth = Math.max(0, depth - 1);
      tokens.push({ kind: "symbol", text: char, place: start });
      at += 1;
    } else {
      throw new RulesError(
        file,
        start,
        `unexpected character ${JSON.stringify(char)}`,
        "Remove it or put it into a string",
      );
    }
  }
  tokens.push({ kind: "end", text: "", place: place() });
  return tokens;
}

function readString(
  source: string,
  start: number,
  file: string,
  place: SourcePlace,
): { text: string; length: number } {
  const raw = /[rR]/.test(source.charAt(start));
  const open = raw ? start + 1 : start;
  const quote = source.charAt(open);
  const triple = source.startsWith(quote.repeat(3), open);
  const close = triple ? quote.repeat(3) : quote;
  let text = "";
  for (let at = open + close.length; at < source.length; ) {
    if (source.startsWith(close, at)) return { text, length: at + close.length - start };
    const char = source.charAt(at);
    if (char === "\n" && !triple) break;
    if (char !== "\\") {
      text += char;
      at += 1;
    } else if (raw) {
      text += source.slice(at, at + 2);
      at += 2;
    } else {
      const escaped = readEscape(source, at, file, place);
      text += escaped.text;
      at += escaped.length;
    }
  }
  throw new RulesError(file, place, "this string is never closed", `Add ${close} at its end`);
}

function readEscape(
  source: string,
  at: number,
  file: string,
  place: SourcePlace,
): { text: string; length: number } {
  const form = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3}))/.exec(
    source.slice(at, at + 10),
  );
  const hex = form?.[1] ?? form?.[2] ?? form?.[3];
  const code =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : form?.[4] !== undefined
        ? Number.parseInt(form[4], 8)
        : null;
  if (form && code !== null && code <= 0x10ffff)
    return { text: String.fromCodePoint(code), length: form[0].length };
  const simple = SIMPLE_ESCAPES[source.charAt(at + 1)];
  if (simple !== undefined) return { text: simple, length: 2 };
  throw new RulesError(
    file,
    place,
    `the string has an unknown escape \\${source.charAt(at + 1)}`,
    'Write \\\\ for a backslash, or a raw string r"…"',
  );
}
