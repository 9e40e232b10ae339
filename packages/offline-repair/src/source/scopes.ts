import type { Language, Token } from "./token.ts";
import type { Line } from "./unit.ts";

/** A function: the tokens from its first keyword to its last token, and its parameters. */
export interface Scope {
  name: string;
  params: readonly string[];
  firstToken: number;
  lastToken: number;
  /** Lines of the text, counted from 0. */
  firstLine: number;
  lastLine: number;
}

interface Parts {
  language: Language;
  tokens: readonly Token[];
  partner: readonly number[];
  lines: readonly Line[];
}

/** All functions of a text, outer ones first. */
export function findScopes(parts: Parts): Scope[] {
  return parts.language === "python" ? pythonScopes(parts) : javascriptScopes(parts);
}

/** The outermost function around a token: inner functions see its names, so they share one pool of ingredients. */
export function outermostScope(scopes: readonly Scope[], token: number): Scope | null {
  return scopes.find((scope) => scope.firstToken <= token && token <= scope.lastToken) ?? null;
}

/** The innermost function around a token. */
export function innermostScope(scopes: readonly Scope[], token: number): Scope | null {
  return scopes.findLast((scope) => scope.firstToken <= token && token <= scope.lastToken) ?? null;
}

function pythonScopes({ tokens, partner, lines }: Parts): Scope[] {
  const scopes: Scope[] = [];
  tokens.forEach((token, index) => {
    if (token.text !== "def" || token.kind !== "keyword") return;
    const open = tokens[index + 2]?.text === "(" ? index + 2 : -1;
    const close = open < 0 ? -1 : (partner[open] ?? -1);
    const home = lines[token.line];
    if (close < 0 || home === undefined) return;
    const indent = home.code - home.start;
    let lastToken = close;
    let lastLine = tokens[close]?.line ?? token.line;
    for (let number = lastLine + 1; number < lines.length; number++) {
      const line = lines[number];
      if (line === undefined || line.firstToken === line.tokensEnd) continue;
      if (line.code - line.start <= indent) break;
      lastToken = line.tokensEnd - 1;
      lastLine = number;
    }
    scopes.push({
      name: tokens[index + 1]?.text ?? "",
      params: parameterNames(tokens, open, close),
      firstToken: index,
      lastToken: Math.max(lastToken, (home.tokensEnd ?? 0) - 1),
      firstLine: token.line,
      lastLine,
    });
  });
  return scopes;
}

const NOT_FUNCTIONS = new Set(["if", "for", "while", "switch", "catch", "with"]);

function javascriptScopes({ tokens, partner }: Parts): Scope[] {
  const scopes: Scope[] = [];
  tokens.forEach((token, index) => {
    if (token.text !== "{" || token.kind !== "op") return;
    const end = partner[index] ?? -1;
    if (end < 0) return;
    const head = headOfBlock(tokens, partner, index);
    if (head === null) return;
    scopes.push({
      name: head.name,
      params: parameterNames(tokens, head.open, head.close),
      firstToken: head.first,
      lastToken: end,
      firstLine: tokens[head.first]?.line ?? 0,
      lastLine: tokens[end]?.line ?? 0,
    });
  });
  return scopes;
}

/** Where the function begins whose body opens at `brace`; null when the brace is another kind of block. */
function headOfBlock(tokens: readonly Token[], partner: readonly number[], brace: number) {
  let at = brace - 1;
  const arrow = tokens[at]?.text === "=>";
  if (arrow) {
    at -= 1;
    const only = tokens[at];
    if (only?.kind === "name")
      return { name: assignedName(tokens, at), first: at, open: at - 1, close: at + 1 };
  } else {
    at = skipReturnType(tokens, at);
  }
  if (tokens[at]?.text !== ")") return null;
  const close = at;
  const open = partner[close] ?? -1;
  if (open < 0) return null;
  const before = tokens[open - 1];
  if (arrow) return { name: assignedName(tokens, open), first: open, open, close };
  if (before === undefined || NOT_FUNCTIONS.has(before.text)) return null;
  if (before.text === "function" || before.text === "*")
    return { name: assignedName(tokens, open - 1), first: open - 1, open, close };
  if (before.kind !== "name" && before.kind !== "keyword") return null;
  const first = tokens[open - 2]?.text === "function" ? open - 2 : open - 1;
  return { name: before.text, first, open, close };
}

/** Steps back over a TypeScript return type, `): Foo<Bar>[] {`, to the closing parenthesis. */
function skipReturnType(tokens: readonly Token[], from: number): number {
  for (let at = from; at > from - 12 && at > 1; at--) {
    const text = tokens[at]?.text ?? "";
    if (text === ":" && tokens[at - 1]?.text === ")") return at - 1;
    if (text === ";" || text === "{" || text === ")" || text === "=>") break;
  }
  return from;
}

function assignedName(tokens: readonly Token[], at: number): string {
  const before = tokens[at - 1]?.text;
  const name = tokens[at - 2];
  return (before === "=" || before === ":") && name?.kind === "name" ? name.text : "";
}

function parameterNames(tokens: readonly Token[], open: number, close: number): string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = open + 1; at < close; at++) {
    const text = tokens[at]?.text ?? "";
    const before = tokens[at - 1]?.text ?? "";
    if (
      depth === 0 &&
      tokens[at]?.kind === "name" &&
      (at === open + 1 || [",", "*", "**", "..."].includes(before))
    )
      names.push(text);
    if ("([{".includes(text)) depth += 1;
    else if (")]}".includes(text)) depth -= 1;
  }
  return names;
}
