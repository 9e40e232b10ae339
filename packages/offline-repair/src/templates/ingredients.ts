import { conditionAfter, primaryStartingAt } from "../source/expressions.ts";
import { innermostScope, outermostScope, type Scope } from "../source/scopes.ts";
import { type SourceUnit, textAt, textOfSpan } from "../source/unit.ts";

/** Where a text occurs in the pool's range; lines count from 0. */
export interface Ingredient {
  text: string;
  lines: readonly number[];
}

const KINDS = [
  "variables",
  /** Functions that are called by plain name. */
  "functions",
  "methods",
  "properties",
  "numbers",
  "strings",
  "conditions",
  /** Elements, attributes and calls of some length: `rows[at]`. */
  "expressions",
] as const;
type Kind = (typeof KINDS)[number];

/**
 * What a fix may be made of. Pools are local, the tokens of one function (or the module's top level): with one pool
 * for a whole file a single file yields hundreds of thousands of candidates.
 */
export type Ingredients = Readonly<Record<Kind, readonly Ingredient[]>> & {
  readonly params: readonly string[];
};

/** Collects the pool of one function, or of everything outside functions when `scope` is null. */
export function collectIngredients(unit: SourceUnit, scope: Scope | null): Ingredients {
  const found = new Map<Kind, Map<string, number[]>>(KINDS.map((kind) => [kind, new Map()]));
  const note = (kind: Kind, text: string, line: number) => {
    const known = found.get(kind)?.get(text);
    if (known === undefined) found.get(kind)?.set(text, [line]);
    else known.push(line);
  };
  for (let index = scope?.firstToken ?? 0; index <= (scope?.lastToken ?? unit.tokens.length - 1); index++) {
    const token = unit.tokens[index];
    if (token === undefined || (scope === null && outermostScope(unit.scopes, index) !== null)) continue;
    if (token.kind === "name") note(kindOfName(unit, index), token.text, token.line);
    else if (token.kind === "number") note("numbers", token.text, token.line);
    else if (token.kind === "string" && token.text.length < 40) note("strings", token.text, token.line);
    const condition = conditionAfter(unit, index);
    if (condition !== null && condition.last - condition.first < 12)
      note("conditions", textOfSpan(unit, condition), token.line);
    const expression = expressionAt(unit, index);
    if (expression !== null) note("expressions", expression, token.line);
  }
  const pool = (kind: Kind) => [...(found.get(kind) ?? [])].map(([text, lines]) => ({ text, lines }));
  return {
    variables: pool("variables").filter((one) => one.text !== scope?.name),
    functions: pool("functions"),
    methods: pool("methods"),
    properties: pool("properties"),
    numbers: pool("numbers"),
    strings: pool("strings"),
    conditions: pool("conditions"),
    expressions: pool("expressions"),
    params: scope === null ? [] : (innermostScope(unit.scopes, scope.lastToken)?.params ?? scope.params),
  };
}

function expressionAt(unit: SourceUnit, index: number): string | null {
  if (
    unit.tokens[index]?.kind !== "name" ||
    /^(\?\.|\.|def|function|class|new)$/.test(textAt(unit, index - 1))
  )
    return null;
  const span = primaryStartingAt(unit, index);
  if (span === null || span.last === index) return null;
  const text = textOfSpan(unit, span);
  return text.length <= 30 && /^[\w.]+(\[[^()]*\]|\.\w+)$/.test(text) ? text : null;
}

function kindOfName(unit: SourceUnit, index: number): Kind {
  const attribute = /^\??\.$/.test(textAt(unit, index - 1));
  const called = textAt(unit, index + 1) === "(";
  return attribute ? (called ? "methods" : "properties") : called ? "functions" : "variables";
}

/** Names that stand for a value here: not attributes, calls, keyword arguments, object keys or definitions. */
export function isValueName(unit: SourceUnit, index: number): boolean {
  const token = unit.tokens[index];
  if (token?.kind !== "name") return false;
  const before = textAt(unit, index - 1);
  const after = textAt(unit, index + 1);
  if (/^(\??\.|def|class|function|import|from|as|global|nonlocal)$/.test(before)) return false;
  if (after === "(" || after === "=>") return false;
  if (unit.language === "python") return after !== "=" || !/^[(,]$/.test(before);
  return !(after === ":" && /^[{,]$/.test(before));
}

/** Ingredients other than `text`, nearest to the line first; the nearest occurrence counts. */
export function nearestFirst(
  pool: readonly Ingredient[],
  text: string,
  line: number,
  limit: number,
): string[] {
  const distance = (one: Ingredient) => Math.min(...one.lines.map((at) => Math.abs(at - line)));
  return pool
    .filter((one) => one.text !== text)
    .map((one) => ({ text: one.text, key: distance(one) - Math.min(one.lines.length, 4) * 0.3 }))
    .sort((a, b) => a.key - b.key || (a.text < b.text ? -1 : 1))
    .slice(0, limit)
    .map((one) => one.text);
}
