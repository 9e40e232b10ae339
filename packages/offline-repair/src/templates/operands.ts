import { isBinary, leftOperand, primaryStartingAt, rightOperand, type Span } from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfTokens } from "../source/unit.ts";
import type { Proposal, Site } from "./template.ts";

/** The branches of a conditional expression. */
export function* ternary({ unit, index }: Site): Iterable<Proposal> {
  const why = "the two branches are the wrong way round";
  if (unit.language === "python") {
    if (textAt(unit, index) !== "else" || textAt(unit, index + 1) === ":") return;
    const left = findBack(unit, index, "if");
    if (left < 0) return;
    const value = operandBefore(unit, left);
    const other = primaryStartingAt(unit, index + 1);
    if (value !== null && other !== null) yield swap(unit, value, other, 0.4, why);
    return;
  }
  if (textAt(unit, index) !== "?") return;
  const yes = primaryStartingAt(unit, index + 1);
  if (yes === null || textAt(unit, yes.last + 1) !== ":") return;
  const no = primaryStartingAt(unit, yes.last + 2);
  if (no !== null) yield swap(unit, yes, no, 0.4, why);
}

function findBack(unit: SourceUnit, from: number, word: string): number {
  const line = unit.tokens[from]?.line;
  for (let at = from - 1; at >= 0 && unit.tokens[at]?.line === line; at--)
    if (textAt(unit, at) === word) return at;
  return -1;
}

function operandBefore(unit: SourceUnit, index: number): Span | null {
  let first = index - 1;
  while (first > 0 && unit.tokens[first - 1]?.line === unit.tokens[index]?.line) {
    const before = textAt(unit, first - 1);
    if (
      ["return", "=", "(", "[", ",", "+=", ":"].includes(before) &&
      (unit.partner[first - 1] ?? 0) < index * 2
    )
      break;
    first -= 1;
  }
  return first < index ? { first, last: index - 1 } : null;
}

function swap(unit: SourceUnit, left: Span, right: Span, prior: number, why: string): Proposal {
  const start = unit.tokens[left.first]?.start ?? 0;
  const end = unit.tokens[right.last]?.end ?? 0;
  const between = unit.text.slice(unit.tokens[left.last]?.end ?? 0, unit.tokens[right.first]?.start ?? 0);
  const text =
    textOfTokens(unit, right.first, right.last) + between + textOfTokens(unit, left.first, left.last);
  return { template: "condition", start, end, text, prior, why };
}

const COMMUTATIVE = new Set(["*", "==", "!=", "===", "!==", "and", "or", "&&", "||", "&", "|", "^", "is"]);

/** Operands of a binary operator: swapped, one dropped, or grouped with a neighbour. */
export function* operands(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const operator = textAt(unit, index);
  if (!isBinary(unit, index) || ["and", "or", "&&", "||", "??"].includes(operator)) return;
  if (unit.language !== "python" && operator === "in") return;
  const left = leftOperand(unit, index);
  const right = rightOperand(unit, index);
  if (left === null || right === null) return;
  if (!COMMUTATIVE.has(operator) && operator !== "in")
    yield {
      ...swap(unit, left, right, operator === "+" ? 0.2 : 0.45, "the operands are in the wrong order"),
      template: "swapped-operands",
    };
  const start = unit.tokens[left.first]?.start ?? 0;
  const end = unit.tokens[right.last]?.end ?? 0;
  const arithmetic = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>"].includes(operator);
  if (!arithmetic) return;
  const why = "one operand does not belong there";
  yield { template: "operand", start, end, text: textOfTokens(unit, left.first, left.last), prior: 0.3, why };
  yield {
    template: "operand",
    start,
    end,
    text: textOfTokens(unit, right.first, right.last),
    prior: 0.25,
    why,
  };
  yield* grouping(site, left, right);
}

function* grouping({ unit, index }: Site, left: Span, right: Span): Iterable<Proposal> {
  const why = "the operators bind in the wrong order";
  const start = unit.tokens[left.first]?.start ?? 0;
  const end = unit.tokens[right.last]?.end ?? 0;
  const near = primaryStartingAt(unit, index + 1) ?? right;
  if (isBinary(unit, near.last + 1) || isBinary(unit, left.first - 1)) {
    const nearEnd = unit.tokens[near.last]?.end ?? end;
    yield {
      template: "grouping",
      start,
      end: nearEnd,
      text: `(${unit.text.slice(start, nearEnd)})`,
      prior: 0.2,
      why,
    };
  }
  const [open, close] = [left.first - 1, right.last + 1];
  if (textAt(unit, open) === "(" && unit.partner[open] === close && isBinary(unit, close + 1)) {
    const outer = unit.tokens[open]?.start ?? 0;
    yield {
      template: "grouping",
      start: outer,
      end: unit.tokens[close]?.end ?? 0,
      text: unit.text.slice(start, end),
      prior: 0.2,
      why,
    };
  }
}
