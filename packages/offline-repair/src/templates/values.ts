import {
  enclosing,
  endsValue,
  isBinary,
  leftOperand,
  opensCall,
  precedenceOf,
  primaryStartingAt,
  rightOperand,
  type Span,
} from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfSpan } from "../source/unit.ts";
import { exchanged } from "./calls.ts";
import { nearestFirst } from "./ingredients.ts";
import {
  type Choice,
  choices,
  insertAfter,
  insertBefore,
  type Proposal,
  replace,
  type Site,
} from "./template.ts";

const COMPARISON = /^([<>]=?|[=!]==?)$/;
const ARITHMETIC = /^([-+*%&|^]|\/\/?|\*\*|<<|>>)$/;
const COMMUTATIVE = /^([*&|^]|[=!]==?|and|or|&&|\|\||is)$/;

/** Adds one to or takes one from a value that decides a position, a bound or a count; drops a `± 1` that is there. */
export function* offByOne(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  yield* droppedStep(site);
  yield* rangeBounds(site);
  const head = unit.tokens[index];
  if (head === undefined || (head.kind !== "name" && head.text !== "(") || !opensValue(unit, index)) return;
  const span = primaryStartingAt(unit, index);
  const prior = span === null ? 0 : countLikeness(unit, span);
  if (span === null || prior === 0) return;
  yield insertAfter(unit, span.last, "off-by-one", [" + 1", prior], "the value is one too low");
  yield insertAfter(unit, span.last, "off-by-one", [" - 1", prior], "the value is one too high");
}

function opensValue(unit: SourceUnit, index: number): boolean {
  const before = textAt(unit, index - 1);
  if (/^([([,:=?]|return|[-+]=|in|yield|=>)$/.test(before)) return true;
  return precedenceOf(before) !== undefined && isBinary(unit, index - 1);
}

/** How likely a value at this place is a count: indexes and bounds first, then comparisons, then the rest. */
function countLikeness(unit: SourceUnit, { first, last }: Span): number {
  const [before, after] = [textAt(unit, first - 1), textAt(unit, last + 1)];
  if (/^([-+]?=|=>|in|of)$/.test(after)) return 0;
  const open = enclosing(unit, first);
  const ends = unit.tokens[last]?.line !== unit.tokens[last + 1]?.line || after === ";";
  if (textAt(unit, open) === "[" && endsValue(unit, open - 1)) return /^[[:]$/.test(before) ? 0.5 : 0.25;
  if (textAt(unit, open - 1) === "range") return /^[(,]$/.test(before) ? 0.6 : 0.2;
  if (COMPARISON.test(before)) return 0.35;
  if (COMPARISON.test(after)) return 0.15;
  if (before === "return") return ends ? 0.4 : 0.12;
  if (/^[-+]?=$/.test(before)) return ends ? 0.3 : 0.08;
  if (/^[(,]$/.test(before)) return opensCall(unit, open) ? 0.2 : 0.08;
  return /^[-+]$/.test(before) ? 0.12 : 0.05;
}

function* droppedStep({ unit, index }: Site): Iterable<Proposal> {
  const [sign, number] = [textAt(unit, index), unit.tokens[index + 1]];
  if (!/^[-+]$/.test(sign) || number?.kind !== "number" || !isBinary(unit, index)) return;
  const why = `the \`${sign} ${number.text}\` does not belong there`;
  const start = unit.tokens[index - 1]?.end ?? 0;
  const prior = number.text === "1" ? 0.6 : 0.3;
  yield { ...replace(unit, index + 1, "off-by-one", ["", prior], why), start };
}

/** `range(n)` that should start at one, a start too many, a missing step. */
function* rangeBounds({ unit, index }: Site): Iterable<Proposal> {
  const open = index + 1;
  const close = unit.partner[open] ?? -1;
  if (textAt(unit, index) !== "range" || textAt(unit, open) !== "(" || close <= open + 1) return;
  const commas = [...unit.tokens.keys()]
    .slice(open + 1, close)
    .filter((at) => textAt(unit, at) === "," && enclosing(unit, at) === open);
  const early = "the range starts one too early";
  if (commas.length === 0) yield insertBefore(unit, open + 1, "off-by-one", ["1, ", 0.35], early);
  if (commas.length !== 1) return;
  for (const choice of choices(", -1 10  , 2 6"))
    yield insertBefore(unit, close, "argument", choice, "the range misses its step");
  const start = { first: open + 1, last: commas[0] ?? open + 1 };
  yield replace(unit, start, "argument", ["", 0.15], "the range starts too late");
}

/** Index and slice brackets after a value: dropped, reversed or with another bound. */
export function* slices({ unit, index, pool }: Site): Iterable<Proposal> {
  const close = unit.partner[index] ?? -1;
  if (textAt(unit, index) !== "[" || !endsValue(unit, index - 1) || close < 0) return;
  const span = { first: index, last: close };
  yield replace(unit, span, "slice", ["", 0.2], "the index or slice does not belong there");
  if (unit.language !== "python") return;
  const inner = textOfSpan(unit, { first: index + 1, last: close - 1 });
  const near = nearestFirst(pool.variables, "", unit.tokens[index]?.line ?? 0, 3);
  for (const [text, prior] of otherBounds(inner, near))
    yield replace(unit, span, "slice", [`[${text}]`, prior], "the slice has the wrong bounds");
}

function otherBounds(inner: string, near: readonly string[]): Choice[] {
  const [low, high, step] = inner.split(":").map((part) => part.trim());
  if (low === undefined || high === undefined) return [`${inner}:`, `:${inner}`].map((text) => [text, 0.15]);
  if (step !== undefined) return [[":", 0.2]];
  const made: Choice[] = [
    [`:${high}`, 0.25],
    [`${low}:`, 0.25],
    [`:${low}`, high === "" ? 0.25 : 0.02],
    [`${high}:`, low === "" ? 0.25 : 0.02],
    [`${low}:${high}:-1`, 0.12],
  ];
  if (low === "") made.push([`1:${high}`, 0.3], ...near.map((name): Choice => [`${name}:${high}`, 0.1]));
  if (high === "") made.push([`${low}:-1`, 0.3], ...near.map((name): Choice => [`${low}:${name}`, 0.1]));
  return made;
}

/** Operands of a binary operator: swapped, one dropped, or grouped with a neighbour. */
export function* operands({ unit, index }: Site): Iterable<Proposal> {
  const operator = textAt(unit, index);
  if (!isBinary(unit, index) || /^(and|or|&&|\|\||\?\?)$/.test(operator)) return;
  if (unit.language !== "python" && operator === "in") return;
  const [left, right] = [leftOperand(unit, index), rightOperand(unit, index)];
  if (left === null || right === null) return;
  const whole = { first: left.first, last: right.last };
  if (!COMMUTATIVE.test(operator) && operator !== "in") {
    const swapped: Choice = [exchanged(unit, left, right), operator === "+" ? 0.2 : 0.45];
    yield replace(unit, whole, "swapped-operands", swapped, "the operands are in the wrong order");
  }
  if (!ARITHMETIC.test(operator)) return;
  const why = "one operand does not belong there";
  yield replace(unit, whole, "operand", [textOfSpan(unit, left), 0.3], why);
  yield replace(unit, whole, "operand", [textOfSpan(unit, right), 0.25], why);
  yield* grouping(unit, whole, primaryStartingAt(unit, index + 1) ?? right);
}

function* grouping(unit: SourceUnit, whole: Span, near: Span): Iterable<Proposal> {
  const why = "the operators bind in the wrong order";
  const span = { first: whole.first, last: near.last };
  if (isBinary(unit, near.last + 1) || isBinary(unit, whole.first - 1))
    yield replace(unit, span, "grouping", [`(${textOfSpan(unit, span)})`, 0.2], why);
  const outer = { first: whole.first - 1, last: whole.last + 1 };
  if (
    textAt(unit, outer.first) === "(" &&
    unit.partner[outer.first] === outer.last &&
    isBinary(unit, outer.last + 1)
  )
    yield replace(unit, outer, "grouping", [textOfSpan(unit, whole), 0.2], why);
}

const OPERATORS = choices("+ 100  - 60  * 40");

/** An operand missing at the end of a value: `x = a` for `x = a + b`. */
export function* missingOperand({ unit, index, pool }: Site): Iterable<Proposal> {
  const before = textAt(unit, index - 1);
  const token = unit.tokens[index];
  const opens = /^([-+]?=|[-+(,]|return|in)$/.test(before) || (before === "[" && endsValue(unit, index - 2));
  if (!opens || token === undefined || (token.kind !== "name" && token.text !== "(")) return;
  const span = primaryStartingAt(unit, index);
  if (span === null) return;
  const after = textAt(unit, span.last + 1);
  if (!/^[)\],;:]$/.test(after) && unit.tokens[span.last + 1]?.line === unit.tokens[span.last]?.line) return;
  const scale = /^[=[]$|^return$/.test(before) ? 0.13 : 0.08;
  for (const [rank, name] of nearestFirst(pool.variables, token.text, token.line, 4).entries())
    for (const [operator, weight] of OPERATORS) {
      const choice: Choice = [` ${operator} ${name}`, (scale * weight) / (1 + rank * 0.6)];
      yield insertAfter(unit, span.last, "operand", choice, `the value lacks \`${choice[0].trim()}\``);
    }
  for (const text of [" ** 2", ` * ${textOfSpan(unit, span)}`])
    yield insertAfter(unit, span.last, "operand", [text, 0.03], "the square is meant");
}

/** A minus sign in front of a value, missing or too many. */
export function* sign({ unit, index }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  const why = "the sign of the value is wrong";
  const unary = token?.text === "~" || (token?.text === "-" && !endsValue(unit, index - 1));
  if (unary) yield replace(unit, index, "negation", ["", 0.55], why);
  if (token?.kind !== "name" || /^=>?$/.test(textAt(unit, index + 1))) return;
  if (/^([=(,]|return|=>)$/.test(textAt(unit, index - 1)))
    yield insertBefore(unit, index, "negation", ["-", 0.08], why);
}

/** A new value that should not fall below or rise above the old one, or zero: `x = y` for `x = max(x, y)`. */
export function* bounded({ unit, index, pool }: Site): Iterable<Proposal> {
  const target = unit.tokens[index - 1];
  const line = unit.lines[target?.line ?? -1];
  if (textAt(unit, index) !== "=" || target?.kind !== "name" || line?.firstToken !== index - 1) return;
  const span = {
    first: index + 1,
    last: line.tokensEnd - (textAt(unit, line.tokensEnd - 1) === ";" ? 2 : 1),
  };
  if (span.last < span.first || unit.lines[target.line + 1] === undefined || opensOutside(unit, span)) return;
  const prefix = unit.language === "python" ? "" : "Math.";
  const known = pool.functions.concat(pool.methods).some(({ text }) => text === "max" || text === "min");
  for (const name of ["max", "min"])
    for (const other of [target.text, "0"]) {
      const text = `${prefix}${name}(${other}, ${textOfSpan(unit, span)})`;
      yield replace(
        unit,
        span,
        "assignment",
        [text, known ? 0.14 : 0.04],
        `the value must not pass \`${other}\``,
      );
    }
}

/** Whether a bracket in a span has its partner elsewhere. */
export function opensOutside(unit: SourceUnit, { first, last }: Span): boolean {
  for (let at = first; at <= last; at++) {
    const partner = unit.partner[at] ?? -1;
    if (partner >= 0 && (partner < first || partner > last)) return true;
  }
  return false;
}
