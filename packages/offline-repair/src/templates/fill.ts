import { isPlain } from "../source/roles.ts";
import { assignedIn, operatorsOf, type SyntaxNode } from "../source/tree.ts";
import { textOf } from "../source/unit.ts";
import type { Kind } from "./ingredients.ts";
import { type Choice, choices, inLanguage, type Site } from "./template.ts";

/**
 * A text with gaps. `$` is the node's own text, `<$>` the same in brackets unless it keeps together without, `$1` its
 * first part, `$2.1` the first part of the second, `$op` its operator, `$target` what it is assigned to. `{variable}`
 * and the other kinds of ingredients stand for each text of that kind, nearest first, every one at most once; `{test}`
 * and `{comparison}` for questions about variables, `{step}` and `{turn}` for Python's usual functions and text methods.
 */
export interface Form {
  gaps: readonly string[];
  prior: number;
}

const GAP = /(<\$>|\$(?:op|target|\d(?:\.\d)*)?|\{\w+\})/;

/** Forms from a row: see `choices`. */
export function formsOf(row: string): Form[] {
  return choices(row).map(([text, prior]) => ({ gaps: text.split(GAP), prior }));
}

const TESTS = {
  python: formsOf(
    "not {variable} 80  {variable} 100  {variable} is None 40  {variable} is not None 40  {variable} == 0 40  {variable} > 0 40  {variable} < 0 40",
  ),
  script: formsOf(
    "!{variable} 80  {variable} 100  {variable} == null 40  {variable} != null 40  {variable} === 0 40  {variable} > 0 40  {variable} < 0 40",
  ),
};
const PYTHON_WORDS = {
  step: choices(
    "len 100  sum 80  max 60  min 60  sorted 70  set 80  list 50  abs 60  int 50  str 50  all 40  any 40",
  ),
  turn: choices("lower 100  upper 90  strip 80  split 80  title 40  swapcase 50"),
};
const COMPARISONS = ["==", "<", ">", "<=", ">="];

/** The texts that a form becomes at a site, with their weights; none when a part that it names is not there. */
export function fill(site: Site, { gaps, prior }: Form): Iterable<Choice> {
  return expand(site, gaps, 0, "", prior, []);
}

function* expand(
  site: Site,
  gaps: readonly string[],
  at: number,
  text: string,
  weight: number,
  used: readonly string[],
): Iterable<Choice> {
  const gap = gaps[at];
  if (gap === undefined) {
    yield [text, weight];
    return;
  }
  // What a split at gaps yields is text and gap in turn.
  if (at % 2 === 0) yield* expand(site, gaps, at + 1, text + gap, weight, used);
  else
    for (const [piece, factor] of gap.startsWith("{")
      ? ingredients(site, gap.slice(1, -1))
      : own(site, gap, gaps))
      if (!used.includes(piece))
        yield* expand(
          site,
          gaps,
          at + 1,
          text + piece,
          weight * factor,
          gap.startsWith("{") ? [...used, piece] : used,
        );
}

function ingredients(site: Site, kind: string): Iterable<Choice> {
  const { unit, node, pool } = site;
  if (kind === "test") return inLanguage(unit, TESTS).flatMap((form) => [...fill(site, form)]);
  if (kind === "comparison") return comparisons(site);
  if (kind === "step" || kind === "turn") return PYTHON_WORDS[kind];
  return pool.near(kind as Kind, node.line, textOf(unit, node)); // a row names kinds and nothing else
}

/** Plain comparisons of a variable with a small number. */
function* comparisons({ unit, node, pool }: Site): Iterable<Choice> {
  const numbers = new Set(["0", "1", ...pool.near("number", node.line).map(([text]) => text)]);
  for (const [name, weight] of pool.near("variable", node.line).slice(0, 4))
    for (const number of [...numbers].slice(0, 4))
      for (const sign of COMPARISONS)
        yield [
          `${name} ${sign === "==" ? inLanguage(unit, { python: sign, script: "===" }) : sign} ${number}`,
          weight,
        ];
}

/** What the node itself gives: its text, its parts, its operator. */
function own(site: Site, gap: string, gaps: readonly string[]): Choice[] {
  const { unit, node } = site;
  if (gap === "$") return [[textOf(unit, node), 1]];
  if (gap === "<$>") return [[keepsTogether(node, gaps) ? textOf(unit, node) : `(${textOf(unit, node)})`, 1]];
  if (gap === "$op")
    return operatorsOf(node)
      .slice(0, 1)
      .map((sign) => [sign.type, 1]);
  const target = gap === "$target" && node.parent !== null ? assignedIn(node.parent)?.target : undefined;
  const found = target ?? partAt(node, gap.slice(1).split("."));
  return found === undefined ? [] : [[textOf(unit, found), 1]];
}

function partAt(node: SyntaxNode, path: readonly string[]): SyntaxNode | undefined {
  const [first, ...rest] = path;
  const part = node.parts[Number(first) - 1];
  return rest.length === 0 || part === undefined ? part : partAt(part, rest);
}

/** Whether a node can stand in a form without brackets: beside `and` and `or` more can than beside other operators. */
function keepsTogether(node: SyntaxNode, gaps: readonly string[]): boolean {
  const loose = gaps.some((gap) => /^ (and|or|&&|\|\|) /.test(gap) || / (and|or|&&|\|\|) $/.test(gap));
  return isPlain(node) || (loose && !/^(logic|ternary|lambda|assignment|other)$/.test(node.role));
}
