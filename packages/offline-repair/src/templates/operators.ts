import { isBinary, leftOperand, rightOperand } from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfSpan } from "../source/unit.ts";
import { byLanguage, choiceTable, type Proposal, replace, type Site } from "./template.ts";

const ORDER = choiceTable({
  "<": "<= 90  > 55  >= 45  != 15  == 12",
  "<=": "< 90  >= 55  > 45  == 15  != 8",
  ">": ">= 90  < 55  <= 45  != 15  == 12",
  ">=": "> 90  <= 55  < 45  == 15  != 8",
});
const PYTHON_EQUALITY = choiceTable({
  "==": "!= 85  <= 30  >= 30  < 15  > 15  is 3",
  "!=": "== 85  < 25  > 25  <= 15  >= 15",
});
const JAVASCRIPT_EQUALITY = choiceTable({
  "===": "!== 85  >= 25  <= 25  == 20  < 12  > 12",
  "!==": "=== 85  < 20  > 20  != 20  >= 10  <= 10",
  "==": "!= 80  === 35  >= 25  <= 25  < 12  > 12",
  "!=": "== 80  !== 35  < 20  > 20",
});

/** Comparison operators: boundaries, direction, equality, membership and identity. */
export function* comparison({ unit, index }: Site): Iterable<Proposal> {
  const text = textAt(unit, index);
  if (!isBinary(unit, index)) return;
  const order = ORDER.get(text);
  if (order !== undefined && looksLikeType(unit, index)) return;
  const equality = byLanguage(unit, PYTHON_EQUALITY, JAVASCRIPT_EQUALITY);
  // A value compared with itself is a wrong variable, whatever the operator.
  const scale = comparesWithItself(unit, index) ? 0.15 : 1;
  for (const [to, prior] of order ?? equality.get(text) ?? [])
    yield replace(unit, index, "comparison", [to, prior * scale], comparisonWhy(text, to));
  if (unit.language !== "python") return;
  const opposite = "the test is the wrong way round";
  if (text === "in" && textAt(unit, index - 1) !== "not" && !inForHeader(unit, index))
    yield replace(unit, index, "comparison", ["not in", 0.6], opposite);
  if (text === "is" && textAt(unit, index + 1) !== "not") {
    yield replace(unit, index, "comparison", ["is not", 0.6], opposite);
    yield replace(unit, index, "comparison", ["==", 0.3], "identity is compared where equality is meant");
  }
}

/** Operator and number of a comparison wrong together: `size == 0` where `size <= 1` is meant. */
export function* boundary({ unit, index }: Site): Iterable<Proposal> {
  const [text, number] = [textAt(unit, index), unit.tokens[index + 1]];
  if (!/^(===?|[<>]=?)$/.test(text) || number?.kind !== "number" || !isBinary(unit, index)) return;
  const value = Number(number.text);
  if (!Number.isInteger(value)) return;
  const span = { first: index, last: index + 1 };
  const why = "the comparison treats the values beside the boundary the wrong way";
  for (const to of text.startsWith("=") ? [`<= ${value + 1}`, `>= ${value - 1}`] : [])
    yield replace(unit, span, "comparison", [to, 0.1], why);
}

function comparisonWhy(from: string, to: string): string {
  if (!ORDER.has(from) || !ORDER.has(to)) return `the comparison tests \`${from}\` where \`${to}\` is meant`;
  if (from[0] === to[0]) return "the comparison treats the boundary value the wrong way";
  return "the comparison points the wrong way";
}

function comparesWithItself(unit: SourceUnit, index: number): boolean {
  const [left, right] = [leftOperand(unit, index), rightOperand(unit, index)];
  return left !== null && right !== null && textOfSpan(unit, left) === textOfSpan(unit, right);
}

/** TypeScript's `Foo<Bar>`: comparisons are written with a space before the operator. */
function looksLikeType(unit: SourceUnit, index: number): boolean {
  return unit.language === "typescript" && unit.text[(unit.tokens[index]?.start ?? 1) - 1] !== " ";
}

function inForHeader(unit: SourceUnit, index: number): boolean {
  for (let at = index - 1; at > index - 10; at--) {
    const text = textAt(unit, at);
    if (text === "for") return true;
    if (text === ":" || text === "if" || text === "") return false;
  }
  return false;
}

const ARITHMETIC = choiceTable({
  "+": "- 80  * 35  // 5  % 5  ** 5  / 4",
  "-": "+ 80  * 20  // 8  % 8  ** 6  / 6",
  "*": "+ 50  / 35  // 35  ** 35  - 15  % 15",
  "/": "// 60  * 55  % 30  - 10  + 6  ** 4",
  "//": "% 60  * 50  / 45  + 6  - 6  ** 4",
  "%": "// 55  / 35  * 30  + 6  - 6  ** 4",
  "**": "* 70  + 10  - 8  / 8  // 8  % 8",
  "&": "| 60  ^ 50",
  "|": "& 60  ^ 50",
  "^": "& 60  | 50  ** 20",
  "<<": ">> 70  * 5",
  ">>": "<< 70  >>> 30",
  ">>>": ">> 40  << 30",
});
const FOREIGN = { python: />>>|\+\+|--/, script: /^\/\/=?$/ } as const;

/** Binary arithmetic and bit operators. */
export function* arithmetic({ unit, index }: Site): Iterable<Proposal> {
  const text = textAt(unit, index);
  if (!isBinary(unit, index)) return;
  const strings = [index - 1, index + 1].some((at) => unit.tokens[at]?.kind === "string");
  for (const [to, prior] of ARITHMETIC.get(text) ?? [])
    if (!byLanguage<RegExp>(unit, FOREIGN.python, FOREIGN.script).test(to))
      yield replace(unit, index, "arithmetic", [to, strings ? prior * 0.15 : prior], instead(text, to));
}

function instead(old: string, meant: string): string {
  return `\`${old}\` is used where \`${meant}\` is meant`;
}

const LOGIC = choiceTable({
  and: "or 80",
  or: "and 80",
  "&&": "|| 80  ?? 3",
  "||": "&& 75  ?? 35",
  "??": "|| 50  && 15",
});

/** `and` for `or` and their relatives; also which operand of them counts. */
export function* logic({ unit, index }: Site): Iterable<Proposal> {
  const text = textAt(unit, index);
  const found = LOGIC.get(text);
  if (found === undefined) return;
  for (const choice of found) yield replace(unit, index, "logic", choice, instead(text, choice[0]));
  const [left, right] = [leftOperand(unit, index), rightOperand(unit, index)];
  if (left === null || right === null) return;
  const whole = { first: left.first, last: right.last };
  const why = "one part of the condition does not belong there";
  for (const side of [left, right])
    yield replace(unit, whole, "condition", [textOfSpan(unit, side), 0.3], why);
}

const COMBINED = choiceTable({
  "+=": "-= 75  = 40  *= 30  //= 8  /= 6  |= 4",
  "-=": "+= 75  = 25  *= 10  //= 8  /= 6  %= 5",
  "*=": "+= 45  /= 40  //= 40  = 20  **= 10",
  "/=": "//= 50  *= 50  -= 20",
  "//=": "%= 45  /= 40  *= 40  -= 15",
  "%=": "//= 50  /= 20  -= 15",
  "&=": "|= 60  ^= 40",
  "|=": "&= 60  ^= 40",
  "^=": "&= 50  |= 50",
  "<<=": ">>= 70",
  ">>=": "<<= 70",
  "||=": "??= 50  &&= 30",
  "&&=": "||= 50",
  "??=": "||= 50",
  "++": "-- 70",
  "--": "++ 70",
  "=": "+= 35  -= 8  *= 6",
});

/** Assignments that combine, and plain ones that should. */
export function* assignment(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const text = textAt(unit, index);
  if (text === "=" && !isReassignment(site)) return;
  const foreign = byLanguage<RegExp>(unit, FOREIGN.python, FOREIGN.script);
  for (const choice of COMBINED.get(text) ?? [])
    if (!foreign.test(choice[0])) yield replace(unit, index, "assignment", choice, instead(text, choice[0]));
}

/** `name = …` of a name that has a value already, so that `name += …` can run. */
export function isReassignment({ unit, index, pool }: Site): boolean {
  const target = unit.tokens[index - 1];
  if (target?.kind !== "name" || ["const", "let", "var", ":"].includes(textAt(unit, index - 2))) return false;
  if (unit.language === "python" && textAt(unit, index - 2) === "(") return false;
  const earlier = pool.variables.find((one) => one.text === target.text)?.lines ?? [];
  return earlier.some((line) => line < target.line);
}
