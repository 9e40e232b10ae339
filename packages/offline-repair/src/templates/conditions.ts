import {
  conditionAfter,
  leftOperand,
  primaryStartingAt,
  rightOperand,
  type Span,
} from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfTokens } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import type { Proposal, Site } from "./template.ts";

const COMPARISONS = new Set(["<", "<=", ">", ">=", "==", "!=", "===", "!=="]);
const OPPOSITE = "the condition is the wrong way round";

/** A negation that is there and should not be, or the other way round. */
export function* negation(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const token = unit.tokens[index];
  if (token === undefined) return;
  const python = unit.language === "python";
  const next = unit.tokens[index + 1];
  if ((token.text === "!" || token.text === "not") && next !== undefined) {
    const joined = token.text === "not" && next.text === "in";
    yield {
      template: "negation",
      start: token.start,
      end: next.start,
      text: "",
      prior: joined ? 0.6 : 0.75,
      why: OPPOSITE,
    };
  }
  const not = python ? "not " : "!";
  const condition = conditionAfter(unit, index);
  if (condition !== null) yield* negated(unit, condition, not, 0.55);
  if (["and", "or", "&&", "||"].includes(token.text))
    for (const side of [leftOperand(unit, index), rightOperand(unit, index)])
      if (side !== null) yield* negated(unit, side, not, 0.25);
  const value = unit.tokens[index + 1];
  if (
    token.text === "return" &&
    value?.line === token.line &&
    value.kind !== "number" &&
    value.kind !== "string"
  ) {
    const span = expressionOnLine(unit, index + 1);
    if (span !== null && textAt(unit, span.last + 1) !== ",") yield* negated(unit, span, not, 0.25);
  }
}

function* negated(unit: SourceUnit, span: Span, not: string, prior: number): Iterable<Proposal> {
  const start = unit.tokens[span.first]?.start ?? 0;
  const end = unit.tokens[span.last]?.end ?? 0;
  const text = textOfTokens(unit, span.first, span.last);
  if (text.startsWith(not.trim()) || text.includes("\n")) return;
  const compared = unit.tokens
    .slice(span.first, span.last + 1)
    .filter((token) => COMPARISONS.has(token.text)).length;
  const weight = compared === 1 ? prior * 0.35 : prior; // turning the operator round is the plainer edit
  const single = primaryStartingAt(unit, span.first)?.last === span.last;
  yield {
    template: "negation",
    start,
    end,
    text: single ? not + text : `${not}(${text})`,
    prior: weight,
    why: OPPOSITE,
  };
}

/** The tokens from `first` to the end of its line, without a closing semicolon; null when brackets stay open. */
export function expressionOnLine(unit: SourceUnit, first: number): Span | null {
  const line = unit.lines[unit.tokens[first]?.line ?? -1];
  if (line === undefined || first >= line.tokensEnd) return null;
  let last = line.tokensEnd - 1;
  if (textAt(unit, last) === ";") last -= 1;
  for (let at = first; at <= last; at++) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= 0 && (partner < first || partner > last)) return null;
  }
  return last >= first ? { first, last } : null;
}

/** A condition that should always or never hold, that lacks a part, or that should be another one of the function. */
export function* condition(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const span = conditionAfter(unit, index);
  if (span === null) return;
  const python = unit.language === "python";
  const start = unit.tokens[span.first]?.start ?? 0;
  const end = unit.tokens[span.last]?.end ?? 0;
  const text = unit.text.slice(start, end);
  const line = unit.tokens[index]?.line ?? 0;
  const make = (to: string, prior: number, why: string): Proposal => ({
    template: "condition",
    start,
    end,
    text: to,
    prior,
    why,
  });
  const loop = textAt(unit, index) === "while";
  yield make(python ? "True" : "true", loop ? 0.1 : 0.15, "the condition should not be there");
  if (!loop) yield make(python ? "False" : "false", 0.15, "the branch should never be taken");
  yield* comparisons(site, make, /^(True|False|true|false)$/.test(text) ? 0.3 : 0.04);
  const [and, or] = python ? [" and ", " or "] : [" && ", " || "];
  const mixed = python ? / (or|if) / : /\|\||\?/;
  const safe = mixed.test(text) ? `(${text})` : text;
  const others = nearestFirst(pool.conditions, text, line, 3);
  for (const [rank, other] of others.entries()) {
    yield make(other, 0.12 / (1 + rank), "the condition is that of another branch");
    yield make(`${safe}${and}${other}`, 0.06 / (1 + rank), "the condition lacks a part");
    yield make(`${safe}${or}${other}`, 0.06 / (1 + rank), "the condition lacks a part");
  }
  for (const [rank, name] of nearestFirst(pool.variables, text, line, 5).entries())
    for (const [test, weight] of python ? PYTHON_TESTS : JAVASCRIPT_TESTS) {
      const extra = test.replaceAll("$", name);
      yield make(`${safe}${and}${extra}`, (0.1 * weight) / (1 + rank * 0.5), "the condition lacks a part");
      yield make(`${safe}${or}${extra}`, (0.1 * weight) / (1 + rank * 0.5), "the condition lacks a part");
    }
}

/** Plain comparisons of a local variable with a small number, in place of the whole condition. */
function* comparisons(
  { unit, index, pool }: Site,
  make: (to: string, prior: number, why: string) => Proposal,
  prior: number,
): Iterable<Proposal> {
  const line = unit.tokens[index]?.line ?? 0;
  const numbers = new Set(["0", "1", ...nearestFirst(pool.numbers, "", line, 2), "2"]);
  const equal = unit.language === "python" ? "==" : "===";
  for (const [rank, name] of nearestFirst(pool.variables, "", line, 4).entries())
    for (const number of [...numbers].slice(0, 4))
      for (const operator of ["<", ">", equal, "<=", ">="]) {
        const test = `${name} ${operator} ${number}`;
        yield make(test, prior / (1 + rank * 0.5), `the condition should be \`${test}\``);
      }
}

const PYTHON_TESTS: readonly (readonly [string, number])[] = [
  ["$", 1],
  ["not $", 0.8],
  ["$ is None", 0.4],
  ["$ is not None", 0.4],
  ["$ == 0", 0.4],
  ["$ > 0", 0.4],
  ["$ < 0", 0.4],
];
const JAVASCRIPT_TESTS: readonly (readonly [string, number])[] = [
  ["$", 1],
  ["!$", 0.8],
  ["$ === 0", 0.4],
  ["$ > 0", 0.4],
  ["$ < 0", 0.4],
  ["$ == null", 0.4],
  ["$ != null", 0.4],
];
