import { type SourceUnit, textAt } from "./unit.ts";

/** Token indexes of an expression, both ends included. */
export interface Span {
  first: number;
  last: number;
}

const PRECEDENCE: readonly (readonly string[])[] = [
  ["or", "||", "??"],
  ["and", "&&"],
  ["|"],
  ["^"],
  ["&"],
  ["<", "<=", ">", ">=", "==", "!=", "===", "!==", "in", "is", "instanceof"],
  ["<<", ">>", ">>>"],
  ["+", "-"],
  ["*", "/", "//", "%", "@"],
  ["**"],
];
const LEVEL = new Map(PRECEDENCE.flatMap((group, level) => group.map((op) => [op, level] as const)));
const PREFIX_WORDS = new Set([
  "return",
  "if",
  "elif",
  "while",
  "and",
  "or",
  "not",
  "in",
  "is",
  "else",
  "yield",
]);

/** Binding strength of a binary operator, undefined for every other token text. */
export function precedenceOf(operator: string): number | undefined {
  return LEVEL.get(operator);
}

/** Whether the token before `index` ends a value, so that an operator at `index` is binary. */
export function endsValue(unit: SourceUnit, index: number): boolean {
  const token = unit.tokens[index];
  if (token === undefined) return false;
  if (token.kind === "name" || token.kind === "number" || token.kind === "regex") return true;
  if (token.kind === "string") return !token.text.endsWith("${");
  if (token.kind === "keyword") return VALUE_WORDS.has(token.text);
  return token.text === ")" || token.text === "]" || token.text === "}";
}
const VALUE_WORDS = new Set(["True", "False", "None", "true", "false", "null", "undefined", "this", "super"]);

/** True for an operator with a value on its left. */
export function isBinary(unit: SourceUnit, index: number): boolean {
  return precedenceOf(textAt(unit, index)) !== undefined && endsValue(unit, index - 1);
}

/** The primary expression (name, literal or group with its calls, indexes and attributes) that ends at a token. */
export function primaryEndingAt(unit: SourceUnit, last: number): Span | null {
  let at = last;
  for (;;) {
    if (!endsValue(unit, at)) return null;
    const text = textAt(unit, at);
    const closes = text === ")" || text === "]" || text === "}";
    const start = closes ? (unit.partner[at] ?? -1) : at;
    if (start < 0) return null;
    const before = textAt(unit, start - 1);
    if (before === "." || before === "?.") at = start - 2;
    else if (closes && text !== "}" && endsValue(unit, start - 1)) at = start - 1;
    else return { first: before === "new" || before === "await" ? start - 1 : start, last };
  }
}

/** The primary expression that starts at a token, unary operators included. */
export function primaryStartingAt(unit: SourceUnit, first: number): Span | null {
  let at = first;
  while (["-", "+", "~", "!", "await", "typeof", "new", "not"].includes(textAt(unit, at))) at += 1;
  const text = textAt(unit, at);
  if (text === "(" || text === "[" || text === "{") at = unit.partner[at] ?? -1;
  else if (!endsValue(unit, at)) return null;
  if (at < 0) return null;
  for (;;) {
    const next = textAt(unit, at + 1);
    if ((next === "." || next === "?.") && unit.tokens[at + 2]?.kind !== "op") at += 2;
    else if ((next === "(" || next === "[") && sameStatement(unit, at)) {
      const end = unit.partner[at + 1] ?? -1;
      if (end < 0) return { first, last: at };
      at = end;
    } else return { first, last: at };
  }
}

function sameStatement(unit: SourceUnit, at: number): boolean {
  return unit.tokens[at]?.line === unit.tokens[at + 1]?.line;
}

/** The left operand of a binary operator, with everything on its left that binds at least as tightly. */
export function leftOperand(unit: SourceUnit, operator: number): Span | null {
  const level = precedenceOf(textAt(unit, operator));
  const nearest = primaryEndingAt(unit, operator - 1);
  if (level === undefined || nearest === null) return null;
  let first = withSign(unit, nearest.first);
  for (;;) {
    const before = precedenceOf(textAt(unit, first - 1));
    if (before === undefined || before < level || !isBinary(unit, first - 1)) break;
    const more = primaryEndingAt(unit, first - 2);
    if (more === null) break;
    first = withSign(unit, more.first);
  }
  return { first, last: operator - 1 };
}

function withSign(unit: SourceUnit, first: number): number {
  const sign = textAt(unit, first - 1);
  const unary = sign === "!" || sign === "~" || (sign === "-" && !endsValue(unit, first - 2));
  return unary ? first - 1 : first;
}

/** The right operand of a binary operator, with everything on its right that binds more tightly. */
export function rightOperand(unit: SourceUnit, operator: number): Span | null {
  const level = precedenceOf(textAt(unit, operator));
  const nearest = primaryStartingAt(unit, operator + 1);
  if (level === undefined || nearest === null) return null;
  let last = nearest.last;
  for (;;) {
    const after = precedenceOf(textAt(unit, last + 1));
    if (after === undefined || after <= level || unit.tokens[last + 1]?.line !== unit.tokens[last]?.line)
      break;
    const more = primaryStartingAt(unit, last + 2);
    if (more === null) break;
    last = more.last;
  }
  return { first: operator + 1, last };
}

/** The comma-separated parts between an opening bracket and its partner. */
export function partsOfBracket(unit: SourceUnit, open: number): Span[] {
  const close = unit.partner[open] ?? -1;
  const parts: Span[] = [];
  let first = open + 1;
  for (let at = open + 1; at <= close; at++) {
    const text = textAt(unit, at);
    if (at < close && text !== ",") {
      const skip = "([{".includes(text) ? (unit.partner[at] ?? -1) : -1;
      if (skip > at && skip < close) at = skip;
      continue;
    }
    if (at > first) parts.push({ first, last: at - 1 });
    first = at + 1;
  }
  return parts;
}

/** Whether an opening parenthesis belongs to a call (and not to a definition, a group or a control statement). */
export function opensCall(unit: SourceUnit, open: number): boolean {
  if (textAt(unit, open) !== "(") return false;
  const callee = unit.tokens[open - 1];
  if (callee === undefined || PREFIX_WORDS.has(callee.text)) return false;
  if (callee.kind !== "name" && callee.text !== "]" && callee.text !== ")" && callee.text !== "super")
    return false;
  const before = textAt(unit, open - 2);
  if (before === "def" || before === "class" || before === "function") return false;
  const after = textAt(unit, (unit.partner[open] ?? open) + 1);
  return unit.language === "python" || (after !== "{" && after !== "=>");
}

/**
 * The condition that a keyword opens: between the parentheses in JavaScript, up to the colon in Python. Null when the
 * keyword at `index` opens none.
 */
export function conditionAfter(unit: SourceUnit, index: number): Span | null {
  const word = textAt(unit, index);
  if (unit.language !== "python") {
    if ((word !== "if" && word !== "while") || textAt(unit, index + 1) !== "(") return null;
    const close = unit.partner[index + 1] ?? -1;
    return close > index + 2 ? { first: index + 2, last: close - 1 } : null;
  }
  if (word !== "if" && word !== "elif" && word !== "while") return null;
  for (let at = index + 1; at < unit.tokens.length; at++) {
    const text = textAt(unit, at);
    if (text === ":" || text === "else" || text === "for")
      return at > index + 1 ? { first: index + 1, last: at - 1 } : null;
    if (")]}".includes(text)) return at > index + 1 ? { first: index + 1, last: at - 1 } : null;
    if ("([{".includes(text)) at = Math.max(at, unit.partner[at] ?? at);
    else if (text === "lambda") return null;
  }
  return null;
}

/** Index of the bracket that is open at a token, -1 at the top. */
export function enclosing(unit: SourceUnit, index: number): number {
  for (let at = index - 1; at >= 0 && at > index - 400; at--) {
    const partner = unit.partner[at] ?? -1;
    if (partner > at) return at;
    if (partner >= 0) at = partner;
  }
  return -1;
}
