import {
  conditionAfter,
  leftOperand,
  primaryStartingAt,
  rightOperand,
  type Span,
} from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfSpan } from "../source/unit.ts";
import { exchanged } from "./calls.ts";
import { nearestFirst } from "./ingredients.ts";
import {
  byLanguage,
  type Choice,
  choices,
  insertAfter,
  type Proposal,
  replace,
  type Site,
} from "./template.ts";
import { opensOutside } from "./values.ts";

const OPPOSITE = "the condition is the wrong way round";

/** A negation that is there and should not be, or the other way round. */
export function* negation({ unit, index }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  const next = unit.tokens[index + 1];
  if (token === undefined || next === undefined) return;
  if (token.text === "!" || token.text === "not") {
    const prior = next.text === "in" ? 0.6 : 0.75;
    yield { ...replace(unit, index, "negation", ["", prior], OPPOSITE), end: next.start };
  }
  const condition = conditionAfter(unit, index);
  if (condition !== null) yield* negated(unit, condition, 0.55);
  if (/^(and|or|&&|\|\|)$/.test(token.text))
    for (const side of [leftOperand(unit, index), rightOperand(unit, index)])
      if (side !== null) yield* negated(unit, side, 0.25);
  if (token.text !== "return" || next.line !== token.line || /^(number|string)$/.test(next.kind)) return;
  const span = expressionOnLine(unit, index + 1);
  if (span !== null && textAt(unit, span.last + 1) !== ",") yield* negated(unit, span, 0.25);
}

function* negated(unit: SourceUnit, span: Span, prior: number): Iterable<Proposal> {
  const text = textOfSpan(unit, span);
  const not = byLanguage(unit, "not ", "!");
  if (text.startsWith(not.trim()) || text.includes("\n")) return;
  const compared = text.match(/[<>]=?|[!=]==?/g)?.length;
  const single = primaryStartingAt(unit, span.first)?.last === span.last;
  // Where one operator decides, turning that round is the plainer edit.
  const choice: Choice = [single ? not + text : `${not}(${text})`, compared === 1 ? prior * 0.35 : prior];
  yield replace(unit, span, "negation", choice, OPPOSITE);
}

/** The tokens from `first` to the end of its line, without a closing semicolon; null when brackets stay open. */
export function expressionOnLine(unit: SourceUnit, first: number): Span | null {
  const line = unit.lines[unit.tokens[first]?.line ?? -1];
  if (line === undefined || first >= line.tokensEnd) return null;
  const span = { first, last: line.tokensEnd - (textAt(unit, line.tokensEnd - 1) === ";" ? 2 : 1) };
  return span.last < first || opensOutside(unit, span) ? null : span;
}

/** Tests of one name, `$`; those that a guard in front of a statement makes are the same. */
export const NAME_TESTS = {
  python: choices("not $ 80  $ 100  $ is None 40  $ is not None 40  $ == 0 40  $ > 0 40  $ < 0 40"),
  script: choices("!$ 80  $ 100  $ == null 40  $ != null 40  $ === 0 40  $ > 0 40  $ < 0 40"),
};

/** A condition that should always or never hold, that lacks a part, or that should be another one of the function. */
export function* condition(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const span = conditionAfter(unit, index);
  if (span === null) return;
  const line = unit.tokens[index]?.line ?? 0;
  const text = textOfSpan(unit, span);
  const put = (choice: Choice, why: string) => replace(unit, span, "condition", choice, why);
  const loop = textAt(unit, index) === "while";
  yield put([byLanguage(unit, "True", "true"), loop ? 0.1 : 0.15], "the condition should not be there");
  if (!loop) yield put([byLanguage(unit, "False", "false"), 0.15], "the branch should never be taken");
  const whole = /^(true|false)$/i.test(text) ? 0.3 : 0.04;
  for (const [to, prior] of comparisonsOf(site))
    yield put([to, prior * whole], `the condition should be \`${to}\``);
  const lacks = "the condition lacks a part";
  for (const [rank, other] of nearestFirst(pool.conditions, text, line, 3).entries()) {
    yield put([other, 0.12 / (1 + rank)], "the condition is that of another branch");
    for (const joint of JOINTS)
      yield put([joined(unit, text, joint, other, false), 0.06 / (1 + rank)], lacks);
  }
  for (const [rank, name] of nearestFirst(pool.variables, "", line, 5).entries()) {
    const used = dereferences(unit, span, name);
    for (const [test, weight] of byLanguage(unit, NAME_TESTS.python, NAME_TESTS.script)) {
      const extra = test.replaceAll("$", name);
      for (const joint of JOINTS)
        yield put([joined(unit, text, joint, extra, used), (0.1 * weight) / (1 + rank * 0.5)], lacks);
      if (whole === 0.3 || weight === 1)
        yield put([extra, (0.2 * whole * weight) / (1 + rank * 0.3)], `the condition should be \`${extra}\``);
    }
  }
}

const JOINTS = ["and", "or"] as const;

/** Two conditions as one; the second goes first where it has to hold before the other can be asked. */
function joined(unit: SourceUnit, text: string, joint: "and" | "or", extra: string, first: boolean): string {
  const mixed = byLanguage(unit, / (or|if) /, /\|\||\?/);
  const safe = mixed.test(text) ? `(${text})` : text;
  const sign = byLanguage<string>(unit, joint, joint === "and" ? "&&" : "||");
  return first ? `${extra} ${sign} ${safe}` : `${safe} ${sign} ${extra}`;
}

/** Whether an attribute or element of a name is used: it must be something by then. */
function dereferences(unit: SourceUnit, { first, last }: Span, name: string): boolean {
  for (let at = first; at < last; at++)
    if (textAt(unit, at) === name && /^([.[]|\?\.)$/.test(textAt(unit, at + 1))) return true;
  return false;
}

/** Plain comparisons of a local variable with a small number, with weights up to 1. */
function* comparisonsOf({ unit, index, pool }: Site): Iterable<Choice> {
  const line = unit.tokens[index]?.line ?? 0;
  const numbers = new Set(["0", "1", ...nearestFirst(pool.numbers, "", line, 2), "2"]);
  for (const [rank, name] of nearestFirst(pool.variables, "", line, 4).entries())
    for (const number of [...numbers].slice(0, 4))
      for (const operator of [byLanguage(unit, "==", "==="), "<", ">", "<=", ">="])
        yield [`${name} ${operator} ${number}`, 1 / (1 + rank * 0.5)];
}

/** The branches of a conditional expression, the wrong way round. */
export function* ternary({ unit, index }: Site): Iterable<Proposal> {
  const python = unit.language === "python";
  if (textAt(unit, index) !== (python ? "else" : "?")) return;
  const near = primaryStartingAt(unit, index + 1);
  if (near === null) return;
  if (python) {
    const left = valueBeforeIf(unit, index);
    if (left !== null && textAt(unit, index + 1) !== ":") yield swapped(unit, left, near);
    return;
  }
  const no = textAt(unit, near.last + 1) === ":" ? primaryStartingAt(unit, near.last + 2) : null;
  if (no !== null) yield swapped(unit, near, no);
}

function swapped(unit: SourceUnit, left: Span, right: Span): Proposal {
  const choice: Choice = [exchanged(unit, left, right), 0.4];
  const span = { first: left.first, last: right.last };
  return replace(unit, span, "condition", choice, "the two branches are the wrong way round");
}

/** The first value of Python's `value if condition else other`, by its `else`. */
function valueBeforeIf(unit: SourceUnit, index: number): Span | null {
  const from = unit.lines[unit.tokens[index]?.line ?? -1]?.firstToken ?? index;
  let at = index - 1;
  while (at > from && textAt(unit, at) !== "if") at -= 1;
  let first = at;
  while (first > from && !/^(return|[([,:]|\+?=)$/.test(textAt(unit, first - 1))) first -= 1;
  return first < at ? { first, last: at - 1 } : null;
}

const LITERALS = {
  python: choices("True 14  False 12  None 11  0 10  1 9  -1 8  [] 8  '' 7"),
  script: choices("true 14  false 12  null 11  undefined 10  0 9  1 8  -1 8  [] 7  '' 7"),
};
const PYTHON_RESULTS = [
  "[$]",
  "sorted($)",
  "list($)",
  "len($)",
  "abs($)",
  "sum($)",
  "set($)",
  "str($)",
  "tuple($)",
];

/** What is returned: another local value, a literal, a test, or the value with a part missing. */
export function* returnValue(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token?.text !== "return") return;
  const span = expressionOnLine(unit, index + 1);
  if (span === null || unit.tokens[span.first]?.line !== token.line) {
    if (unit.tokens[index + 1]?.line === token.line && textAt(unit, index + 1) !== ";") return;
    for (const [rank, name] of nearestFirst(pool.variables, "", token.line, 5).entries())
      yield insertAfter(
        unit,
        index,
        "return-value",
        [` ${name}`, 0.4 / (1 + rank * 0.4)],
        "nothing is returned",
      );
    return;
  }
  const text = textOfSpan(unit, span);
  const wrong = "the wrong value is returned";
  const put = (choice: Choice, why = wrong) => replace(unit, span, "return-value", choice, why);
  const near = nearestFirst(pool.variables, text, token.line, 8);
  if (span.last > span.first || !/^\w+$/.test(text))
    for (const [rank, name] of near.entries()) yield put([name, 0.25 / (1 + rank * 0.5)]);
  for (const choice of byLanguage(unit, LITERALS.python, LITERALS.script)) yield put(choice);
  const truth = /^(true|false)$/i.test(text);
  if (truth) for (const [to, weight] of comparisonsOf(site)) yield put([to, 0.12 * weight]);
  for (const [rank, name] of near.slice(0, 4).entries())
    for (const [operator, weight] of choices("+ 12  - 7  * 5")) {
      const lacks = `the returned value lacks \`${name}\``;
      yield put([`${text} ${operator} ${name}`, weight / (1 + rank * 0.5)], lacks);
      if (operator === "+") yield put([`${name} + ${text}`, (weight * 0.8) / (1 + rank * 0.5)], lacks);
    }
  if (!text.startsWith("-"))
    yield put(
      [/^[\w.()[\]]+$/.test(text) ? `-${text}` : `-(${text})`, 0.15],
      "the sign of the result is wrong",
    );
  if (unit.language === "python")
    for (const form of PYTHON_RESULTS)
      yield put([form.replace("$", text), 0.05], "the result lacks a last step");
}
