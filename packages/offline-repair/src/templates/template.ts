import type { SyntaxNode } from "../source/tree.ts";
import { type SourceUnit, textOf } from "../source/unit.ts";
import type { Ingredients } from "./ingredients.ts";

/** The names of the repair templates as they appear in answers and in the benchmark's tables. */
export type TemplateName =
  | "comparison"
  | "arithmetic"
  | "logic"
  | "negation"
  | "constant"
  | "off-by-one"
  | "variable"
  | "expression"
  | "swapped-arguments"
  | "swapped-operands"
  | "wrong-name"
  | "assignment"
  | "dropped-call"
  | "extra-call"
  | "argument"
  | "slice"
  | "condition"
  | "return-value"
  | "missing-guard"
  | "extra-statement"
  | "missing-statement"
  | "misplaced-statement"
  | "loop-control"
  | "operand"
  | "grouping"
  | "two-places";

/** A part of the text. A node is one. */
export interface Span {
  start: number;
  end: number;
}

/**
 * One possible edit: the text of a span becomes another. `prior` says how likely a fix of this kind is before anything
 * is known of the place, between 0 and 1.
 */
export interface Edit extends Span {
  template: TemplateName;
  text: string;
  prior: number;
  /** What was wrong if this edit is the fix, as a clause. */
  why: string;
}

/** Where templates are asked for edits: a node of a suspicious line, with the names and literals around it. */
export interface Site {
  unit: SourceUnit;
  node: SyntaxNode;
  pool: Ingredients;
}

/** A family of templates: the edits that would undo its kinds of bugs, if a node of the site holds one. */
export type Template = (site: Site) => Iterable<Edit>;

/** A text in the place of a node or a span. */
export function put(
  template: TemplateName,
  { start, end }: Span,
  text: string,
  prior: number,
  why: string,
): Edit {
  return { template, start, end, text, prior, why };
}

/** Two nodes in each other's place, with what is between them. */
export function exchanged(unit: SourceUnit, left: Span, right: Span): Span & { text: string } {
  const between = unit.text.slice(left.end, right.start);
  return { start: left.start, end: right.end, text: textOf(unit, right) + between + textOf(unit, left) };
}

/** A text to put in, with its prior or weight. */
export type Choice = readonly [text: string, prior: number];

/** A row of choices, written as `text percent  text percent` (two spaces between) so that it reads as a table. */
export function choices(row: string): readonly Choice[] {
  const cells = row.trim().split(/\s{2,}/);
  return row === ""
    ? []
    : cells.map((cell) => [cell.replace(/ \S+$/, ""), Number(/\S+$/.exec(cell)?.[0]) / 100]);
}

/** What the languages write differently. */
export interface Both<Value> {
  python: Value;
  script: Value;
}

export function inLanguage<Value>({ language }: SourceUnit, both: Both<Value>): Value {
  return language === "python" ? both.python : both.script;
}
