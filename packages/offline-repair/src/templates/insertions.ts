import { isCompound, isSimple } from "../source/roles.ts";
import { type SyntaxNode, walk } from "../source/tree.ts";
import { outermostFunction, type SourceUnit, textOf } from "../source/unit.ts";
import { type Form, fill, formsOf } from "./fill.ts";
import {
  beside,
  deeper,
  endedBy,
  indentOf,
  isInLoop,
  isStatement,
  lineBreak,
  ownsLines,
  siblings,
  wholeLines,
} from "./layout.ts";
import { type Choice, type Edit, inLanguage, put, type Site } from "./template.ts";

/** A place for a new statement, and how likely it is the one. */
interface Gap {
  at: number;
  write(statement: string): string;
  weight: number;
}

function before(unit: SourceUnit, node: SyntaxNode, weight: number): Gap {
  const indent = lineBreak(unit) + indentOf(unit, node);
  return { at: node.start, write: (statement) => statement + indent, weight };
}

function behind(unit: SourceUnit, node: SyntaxNode, weight: number): Gap {
  const [indent, br] = [indentOf(unit, node), lineBreak(unit)];
  return ownsLines(unit, node)
    ? { at: wholeLines(unit, node).end, write: (statement) => indent + statement + br, weight }
    : { at: node.end, write: (statement) => br + indent + statement, weight };
}

/** In front of a statement; behind it, and where blocks end behind it also behind those. */
function* gapsAround({ unit, node }: Site): Iterable<Gap> {
  const leaves = /^(return|jump|raise)$/.test(node.role);
  if (isCompound(node) || leaves || beside(node, -1) === undefined) yield before(unit, node, 0.8);
  if (!leaves) yield behind(unit, node, isCompound(node) ? 0.8 : 1);
  for (let home = isSimple(node) ? endedBy(node) : null; home !== null; home = endedBy(home))
    yield behind(unit, home, 0.7);
}

/** Early exits: with `{parameter}` at the top of a function, with `{variable}` elsewhere. */
const guards = (kind: string) => ({
  python: formsOf(
    `not {${kind}} 100  {${kind}} is None 60  {${kind}} == 0 80  {${kind}} <= 0 30  {${kind}} == 1 30  len({${kind}}) == 1 20`,
  ),
  script: formsOf(
    `!{${kind}} 100  {${kind}} == null 60  {${kind}} === 0 60  {${kind}} < 0 40  {${kind}}.length === 0 50`,
  ),
});
const PARAMETER_TESTS = guards("parameter");
const VARIABLE_TESTS = guards("variable");
const RESULTS = {
  python: formsOf("{parameter} 100  [] 77  0 62  None 53  False 45  True 40  '' 36  [[]] 32  1 29  -1 27"),
  script: formsOf(
    "{parameter} 100  [] 77  0 62  '' 53  false 45  true 40  null 36  undefined 32  1 29  -1 27",
  ),
};

/** A test with an early exit, missing in front of a statement. */
export function* missingGuard(site: Site): Iterable<Edit> {
  const { unit, node } = site;
  if (!isStatement(node) || outermostFunction(node) === null || siblings(node).length === 0) return;
  const gap = before(unit, node, isFirst(node) ? 0.12 : 0.03);
  const inner = lineBreak(unit) + deeper(unit, indentOf(unit, node));
  const tests = filled(site, inLanguage(unit, isFirst(node) ? PARAMETER_TESTS : VARIABLE_TESTS));
  const results = filled(site, inLanguage(unit, RESULTS)).map(
    ([result, weight]): Choice => [`return ${result}`, weight],
  );
  const exits = isInLoop(node) ? [...LOOP_EXITS, ...results.slice(0, 5)] : results;
  for (const [test, likely] of tests)
    for (const [exit, weight] of exits) {
      const text = inLanguage(unit, {
        python: `if ${test}:${inner}${exit}`,
        script: `if (${test}) ${exit};`,
      });
      yield put(
        "missing-guard",
        { start: gap.at, end: gap.at },
        gap.write(text),
        gap.weight * likely * weight,
        "a special case is not handled",
      );
    }
}
const LOOP_EXITS: readonly Choice[] = [
  ["continue", 1],
  ["break", 0.8],
];
const filled = (site: Site, forms: readonly Form[]) => forms.flatMap((form) => [...fill(site, form)]);

/** Whether a statement is the first of its function that does anything. */
function isFirst(node: SyntaxNode): boolean {
  const first = siblings(node).find((one) => one.parts[0]?.role !== "string");
  return first === node && node.parent?.parent?.role === "function";
}

const STEPS = {
  python: formsOf(
    "{unset} = 0 30  {unset} = [] 22  {unset} = '' 17  {unset} = 1 14  {unset} = {} 10  " +
      "{variable} += 1 10  {variable} -= 1 5  return {variable} 6  {variable} = {variable} 8  {variable} += {variable} 5  {filled}({variable}) 14",
  ),
  script: formsOf(
    "let {unset} = 0; 30  let {unset} = []; 22  let {unset} = ''; 17  let {unset} = 1; 14  let {unset} = {}; 10  " +
      "{variable}++; 10  {variable}--; 5  return {variable}; 6  {variable} = {variable}; 8  {variable} += {variable}; 5  {filled}({variable}); 14",
  ),
};
const LOOP_STEPS = { python: formsOf("break 10  continue 5"), script: formsOf("break; 10  continue; 5") };

/**
 * A step that is missing: a neighbouring statement repeated or adapted, a variable handed on, a collection filled, a
 * counter moved on, a loop left.
 */
export function* missingStatement(site: Site): Iterable<Edit> {
  const { unit, node } = site;
  if (!isStatement(node) || outermostFunction(node) === null || siblings(node).length === 0) return;
  const forms = [...inLanguage(unit, STEPS), ...(isInLoop(node) ? inLanguage(unit, LOOP_STEPS) : [])];
  const gaps = [...gapsAround(site)];
  for (const [step, prior] of [...filled(site, forms), ...adaptedCopies(site)])
    for (const { at, write, weight } of gaps)
      yield put(
        "missing-statement",
        { start: at, end: at },
        write(step),
        prior * weight,
        "a step is missing",
      );
}

const FURTHEST = 6;

/** Statements of the neighbourhood, as they are or with one name exchanged. */
function* adaptedCopies({ unit, node, pool }: Site): Iterable<Choice> {
  for (const other of pool.steps) {
    const distance = Math.abs(other.line - node.line);
    if (distance > FURTHEST) continue;
    const text = textOf(unit, other);
    const near = 1 + distance * 0.4;
    if (other !== node) yield [text, 0.1 / near];
    for (const name of walk(other))
      for (const [to, weight] of name.role === "name" && name.field !== "function"
        ? pool.near("variable", node.line).slice(0, 4)
        : []) {
        const [from, end] = [name.start - other.start, name.end - other.start];
        if (to !== textOf(unit, name))
          yield [text.slice(0, from) + to + text.slice(end), (0.04 * weight) / near];
      }
  }
}
