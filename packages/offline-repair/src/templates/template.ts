import type { Span } from "../source/expressions.ts";
import type { Scope } from "../source/scopes.ts";
import type { SourceUnit } from "../source/unit.ts";
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
  | "grouping";

/**
 * One possible edit: the text from `start` to `end` (offsets of the unit's text) becomes `text`. `prior` says how
 * likely a fix of this kind is before anything is known of the place, between 0 and 1.
 */
export interface Proposal {
  template: TemplateName;
  start: number;
  end: number;
  text: string;
  prior: number;
  /** What was wrong if this edit is the fix, as a clause: "the loop bound was one too low". */
  why: string;
}

/** Where a template is asked for proposals: a token inside a function, with the names and literals around it. */
export interface Site {
  unit: SourceUnit;
  index: number;
  scope: Scope | null;
  pool: Ingredients;
}

/** The same for a whole line; `line` counts from 0 in the unit's text. */
export interface LineSite {
  unit: SourceUnit;
  line: number;
  scope: Scope | null;
  pool: Ingredients;
}

export type TokenTemplate = (site: Site) => Iterable<Proposal>;
export type LineTemplate = (site: LineSite) => Iterable<Proposal>;

/** A text to put in, with its prior. */
export type Choice = readonly [text: string, prior: number];

/** The edit that puts a text in the place of a token or of a range of tokens. */
export function replace(
  unit: SourceUnit,
  where: number | Span,
  template: TemplateName,
  [text, prior]: Choice,
  why: string,
): Proposal {
  const { first, last } = typeof where === "number" ? { first: where, last: where } : where;
  const [from, to] = [unit.tokens[first], unit.tokens[last]];
  return { template, start: from?.start ?? 0, end: to?.end ?? 0, text, prior, why };
}

/** The edit that puts a text in front of a token. */
export function insertBefore(
  unit: SourceUnit,
  index: number,
  template: TemplateName,
  [text, prior]: Choice,
  why: string,
): Proposal {
  const at = unit.tokens[index]?.start ?? 0;
  return { template, start: at, end: at, text, prior, why };
}

/** The edit that puts a text behind a token. */
export function insertAfter(
  unit: SourceUnit,
  index: number,
  template: TemplateName,
  [text, prior]: Choice,
  why: string,
): Proposal {
  const at = unit.tokens[index]?.end ?? 0;
  return { template, start: at, end: at, text, prior, why };
}

/**
 * A row of choices, written as `replacement percent  replacement percent` (two spaces between) so that it reads as a
 * table.
 */
export function choices(row: string): readonly Choice[] {
  return row
    .trim()
    .split(/\s{2,}/)
    .map((cell) => {
      const at = cell.lastIndexOf(" ");
      return [cell.slice(0, at), Number(cell.slice(at + 1)) / 100];
    });
}

/** A table of rows by token. A map, not an object: tokens like `constructor` must not find anything. */
export function choiceTable(rows: Readonly<Record<string, string>>): ReadonlyMap<string, readonly Choice[]> {
  return new Map(Object.entries(rows).map(([token, row]) => [token, choices(row)]));
}

/** What the languages write differently, by whether the unit is Python. */
export function byLanguage<Value>({ language }: SourceUnit, python: Value, script: Value): Value {
  return language === "python" ? python : script;
}
