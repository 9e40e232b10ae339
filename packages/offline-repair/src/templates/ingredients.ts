import { conditionAfter } from "../source/expressions.ts";
import { innermostScope, outermostScope, type Scope } from "../source/scopes.ts";
import { type SourceUnit, textAt, textOfTokens } from "../source/unit.ts";

/** How often and where a text occurs in the pool's range; lines count from 0. */
export interface Ingredient {
  text: string;
  lines: readonly number[];
}

/**
 * What a fix may be made of. Pools are local, the tokens of one function (or the module's top level): with one pool
 * for a whole file a single file yields hundreds of thousands of candidates.
 */
export interface Ingredients {
  variables: readonly Ingredient[];
  /** Functions that are called by plain name. */
  functions: readonly Ingredient[];
  methods: readonly Ingredient[];
  properties: readonly Ingredient[];
  numbers: readonly Ingredient[];
  strings: readonly Ingredient[];
  conditions: readonly Ingredient[];
  params: readonly string[];
}

/** Collects the pool of one function, or of everything outside functions when `scope` is null. */
export function collectIngredients(unit: SourceUnit, scope: Scope | null): Ingredients {
  const pools = {
    variables: "",
    functions: "",
    methods: "",
    properties: "",
    numbers: "",
    strings: "",
    conditions: "",
  };
  const found = new Map(Object.keys(pools).map((kind) => [kind, new Map<string, number[]>()]));
  const note = (kind: keyof typeof pools, text: string, line: number) => {
    const lines = found.get(kind)?.get(text) ?? [];
    lines.push(line);
    found.get(kind)?.set(text, lines);
  };
  const first = scope?.firstToken ?? 0;
  const last = scope?.lastToken ?? unit.tokens.length - 1;
  for (let index = first; index <= last; index++) {
    const token = unit.tokens[index];
    if (token === undefined || (scope === null && outermostScope(unit.scopes, index) !== null)) continue;
    if (token.kind === "name") note(kindOfName(unit, index), token.text, token.line);
    else if (token.kind === "number") note("numbers", token.text, token.line);
    else if (token.kind === "string" && token.text.length < 40) note("strings", token.text, token.line);
    const condition = conditionAfter(unit, index);
    if (condition !== null && condition.last - condition.first < 12)
      note("conditions", textOfTokens(unit, condition.first, condition.last), token.line);
  }
  const pool = (kind: keyof typeof pools): Ingredient[] =>
    [...(found.get(kind) ?? [])].map(([text, lines]) => ({ text, lines }));
  return {
    variables: pool("variables").filter((one) => one.text !== scope?.name),
    functions: pool("functions"),
    methods: pool("methods"),
    properties: pool("properties"),
    numbers: pool("numbers"),
    strings: pool("strings"),
    conditions: pool("conditions"),
    params: scope === null ? [] : (innermostScope(unit.scopes, scope.lastToken)?.params ?? scope.params),
  };
}

function kindOfName(unit: SourceUnit, index: number): "variables" | "functions" | "methods" | "properties" {
  const before = textAt(unit, index - 1);
  const called = textAt(unit, index + 1) === "(";
  if (before === "." || before === "?.") return called ? "methods" : "properties";
  return called ? "functions" : "variables";
}

/** Names that stand for a value here: not attributes, calls, keyword arguments, object keys or definitions. */
export function isValueName(unit: SourceUnit, index: number): boolean {
  const token = unit.tokens[index];
  if (token?.kind !== "name") return false;
  const before = textAt(unit, index - 1);
  const after = textAt(unit, index + 1);
  if ([".", "?.", "def", "class", "function", "import", "from", "as", "global", "nonlocal"].includes(before))
    return false;
  if (after === "(" || after === "=>") return false;
  if (unit.language === "python") return after !== "=" || !insideCall(unit, index);
  return !(after === ":" && (before === "{" || before === ","));
}

function insideCall(unit: SourceUnit, index: number): boolean {
  const before = textAt(unit, index - 1);
  return before === "(" || before === ",";
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
