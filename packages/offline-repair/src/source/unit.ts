import { tokenizeJavaScript } from "./javascript-tokens.ts";
import { tokenizePython } from "./python-tokens.ts";
import { findScopes, type Scope } from "./scopes.ts";
import type { Language, Token } from "./token.ts";

/** One physical line: offsets of its first non-blank character and of its end, and the tokens that start on it. */
export interface Line {
  start: number;
  /** Offset of the first character that is not white space; equals `end` on an empty line. */
  code: number;
  /** Offset of the line break (before a carriage return), or of the end of the text. */
  end: number;
  firstToken: number;
  /** One past the last token that starts on this line. */
  tokensEnd: number;
}

/** A piece of a source file, tokenised, with its brackets matched and its functions found. */
export interface SourceUnit {
  path: string;
  language: Language;
  text: string;
  /** Line of the file, counted from 1, at which `text` begins. */
  firstLine: number;
  /** Offset of `text` in the file, in the units of the driver that read it. */
  offset: number;
  tokens: readonly Token[];
  /** For each bracket token the index of its partner, -1 for everything else. */
  partner: readonly number[];
  lines: readonly Line[];
  scopes: readonly Scope[];
}

/** What a driver hands over of one file. */
export interface SourceText {
  path: string;
  text: string;
  firstLine: number;
  offset: number;
}

/** Prepares a source text for the templates. */
export function createSourceUnit(source: SourceText, language: Language): SourceUnit {
  const tokens = language === "python" ? tokenizePython(source.text) : tokenizeJavaScript(source.text);
  const partner = matchBrackets(tokens);
  const lines = splitLines(source.text, tokens);
  return {
    ...source,
    language,
    tokens,
    partner,
    lines,
    scopes: findScopes({ language, tokens, partner, lines }),
  };
}

const CLOSERS = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);
const OPENERS = new Set(CLOSERS.values());

function matchBrackets(tokens: readonly Token[]): number[] {
  const partner = new Array<number>(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== "op") return;
    if (OPENERS.has(token.text)) open.push(index);
    const opener = CLOSERS.get(token.text);
    if (opener === undefined) return;
    const candidate = open.at(-1);
    if (candidate === undefined || tokens[candidate]?.text !== opener) return;
    open.pop();
    partner[index] = candidate;
    partner[candidate] = index;
  });
  return partner;
}

function splitLines(text: string, tokens: readonly Token[]): Line[] {
  const lines: Line[] = [];
  let token = 0;
  let start = 0;
  for (let number = 0; start <= text.length; number++) {
    const lineBreak = text.indexOf("\n", start);
    const next = lineBreak < 0 ? text.length : lineBreak;
    const end = next > start && text[next - 1] === "\r" ? next - 1 : next;
    let code = start;
    while (code < end && (text[code] === " " || text[code] === "\t")) code += 1;
    const firstToken = token;
    while (tokens[token]?.line === number) token += 1;
    lines.push({ start, code, end, firstToken, tokensEnd: token });
    if (lineBreak < 0) break;
    start = lineBreak + 1;
  }
  return lines;
}

/** Text of a token, empty past either end, so that a look to the side needs no check. */
export function textAt(unit: Pick<SourceUnit, "tokens">, index: number): string {
  return unit.tokens[index]?.text ?? "";
}

/** The source text from the first to the last of a range of tokens, both included. */
export function textOfSpan(unit: SourceUnit, { first, last }: { first: number; last: number }): string {
  return unit.text.slice(unit.tokens[first]?.start ?? 0, unit.tokens[last]?.end ?? 0);
}
