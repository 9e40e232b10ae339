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

/** A proposal that replaces one token. */
export function replaceToken(
  site: Site,
  template: TemplateName,
  text: string,
  prior: number,
  why: string,
): Proposal {
  const token = site.unit.tokens[site.index];
  return { template, start: token?.start ?? 0, end: token?.end ?? 0, text, prior, why };
}
