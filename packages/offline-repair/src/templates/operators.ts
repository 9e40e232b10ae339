import { isBinary, leftOperand, rightOperand } from "../source/expressions.ts";
import { type SourceUnit, textAt, textOfTokens } from "../source/unit.ts";
import { choiceTable } from "./choices.ts";
import { type Proposal, replaceToken, type Site } from "./template.ts";

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
export function* comparison(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const text = textAt(unit, index);
  if (!isBinary(unit, index)) return;
  const order = ORDER.get(text);
  if (order !== undefined && looksLikeType(unit, index)) return;
  const equality = unit.language === "python" ? PYTHON_EQUALITY : JAVASCRIPT_EQUALITY;
  // A value compared with itself is a wrong variable, whatever the operator.
  const scale = comparesWithItself(unit, index) ? 0.15 : 1;
  for (const [operator, prior] of order ?? equality.get(text) ?? [])
    yield replaceToken(site, "comparison", operator, prior * scale, comparisonWhy(text, operator));
  if (unit.language !== "python") return;
  if (text === "in" && textAt(unit, index - 1) !== "not" && !inForHeader(unit, index))
    yield replaceToken(site, "comparison", "not in", 0.6, "the membership test is the wrong way round");
  if (text === "is" && textAt(unit, index + 1) !== "not") {
    yield replaceToken(site, "comparison", "is not", 0.6, "the identity test is the wrong way round");
    yield replaceToken(site, "comparison", "==", 0.3, "identity is compared where equality is meant");
  }
}

function comparisonWhy(from: string, to: string): string {
  if (!ORDER.has(from) || !ORDER.has(to)) return `the comparison tests \`${from}\` where \`${to}\` is meant`;
  if (from[0] === to[0]) return "the comparison treats the boundary value the wrong way";
  return "the comparison points the wrong way";
}

function comparesWithItself(unit: SourceUnit, index: number): boolean {
  const left = leftOperand(unit, index);
  const right = rightOperand(unit, index);
  if (left === null || right === null) return false;
  return textOfTokens(unit, left.first, left.last) === textOfTokens(unit, right.first, right.last);
}

/** TypeScript's `Foo<Bar>`: comparisons are written with a space before the operator. */
function looksLikeType(unit: SourceUnit, index: number): boolean {
  const token = unit.tokens[index];
  return unit.language === "typescript" && unit.text[(token?.start ?? 1) - 1] !== " ";
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
  "//": "% 60  * 50  / 45  + 6  - 6",
  "%": "// 55  / 35  * 30  + 6  - 6",
  "**": "* 70  + 10  // 6",
  "&": "| 60  ^ 50",
  "|": "& 60  ^ 50",
  "^": "& 60  | 50  ** 20",
  "<<": ">> 70  * 5",
  ">>": "<< 70  >>> 30",
  ">>>": ">> 40  << 30",
});

/** Binary arithmetic and bit operators. */
export function* arithmetic(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const text = textAt(unit, index);
  const choices = ARITHMETIC.get(text);
  if (choices === undefined || !isBinary(unit, index)) return;
  const strings = [index - 1, index + 1].some((at) => unit.tokens[at]?.kind === "string");
  for (const [operator, prior] of choices) {
    if (operator === (unit.language === "python" ? ">>>" : "//")) continue;
    const why = `the expression uses \`${text}\` where \`${operator}\` is meant`;
    yield replaceToken(site, "arithmetic", operator, strings ? prior * 0.15 : prior, why);
  }
}

const LOGIC = choiceTable({
  and: "or 80",
  or: "and 80",
  "&&": "|| 80  ?? 3",
  "||": "&& 75  ?? 35",
  "??": "|| 50  && 15",
});

/** `and` for `or` and their relatives; also which operand of them counts. */
export function* logic(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const text = textAt(unit, index);
  const choices = LOGIC.get(text);
  if (choices === undefined) return;
  for (const [operator, prior] of choices) {
    const why = `the conditions are joined by \`${text}\` where \`${operator}\` is meant`;
    yield replaceToken(site, "logic", operator, prior, why);
  }
  const left = leftOperand(unit, index);
  const right = rightOperand(unit, index);
  if (left === null || right === null) return;
  const start = unit.tokens[left.first]?.start ?? 0;
  const end = unit.tokens[right.last]?.end ?? 0;
  const why = "one part of the condition does not belong there";
  for (const { first, last } of [left, right])
    yield { template: "condition", start, end, text: textOfTokens(unit, first, last), prior: 0.3, why };
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
});

/** Assignments that combine, and plain ones that should. */
export function* assignment(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const text = textAt(unit, index);
  if (text === "=" && isReassignment(site)) {
    const why = "the new value replaces the old one where it should be combined with it";
    yield replaceToken(site, "assignment", "+=", 0.35, why);
    yield replaceToken(site, "assignment", "-=", 0.08, why);
    yield replaceToken(site, "assignment", "*=", 0.06, why);
  }
  for (const [operator, prior] of COMBINED.get(text) ?? []) {
    const foreign = unit.language === "python" ? text === "++" || text === "--" : operator.startsWith("//");
    const why = `the assignment uses \`${text}\` where \`${operator}\` is meant`;
    if (!foreign) yield replaceToken(site, "assignment", operator, prior, why);
  }
}

/** `name = …` of a name that has a value already, so that `name += …` can run. */
function isReassignment({ unit, index, pool }: Site): boolean {
  const target = unit.tokens[index - 1];
  if (target?.kind !== "name" || ["const", "let", "var", ":"].includes(textAt(unit, index - 2))) return false;
  if (unit.language === "python" && textAt(unit, index - 2) === "(") return false;
  const earlier = pool.variables.find((one) => one.text === target.text)?.lines ?? [];
  return earlier.some((line) => line < target.line);
}
