import { assignedIn, conditionOf, isLookedInto, isTarget, type SyntaxNode, walk } from "../source/tree.ts";
import { outermostFunction, type SourceUnit, textOf } from "../source/unit.ts";
import type { Choice } from "./template.ts";

/**
 * What a fix may be made of. `function` and `method` are names that are called; `expression` is an element, an attribute
 * or a call; `index` what stands in brackets behind a value; `filled` the method that fills a variable that begins
 * empty; `unset` a name that is changed or filled and never set; `opened` what is looked into, `counted` what is an
 * index or calculated with.
 */
export type Kind =
  | "variable"
  | "parameter"
  | "function"
  | "method"
  | "property"
  | "number"
  | "string"
  | "condition"
  | "expression"
  | "index"
  | "filled"
  | "set"
  | "changed"
  | "unset"
  | "opened"
  | "counted";

const LONGEST = 40;
const NEAREST = 7;
/** As much nearer as this is a name that gets a value and is used nowhere: something may have been forgotten. */
const IDLE = 1.5;

/**
 * The pieces of one function (or of a module's top level). Pools are local: with one for a whole file a single file
 * yields hundreds of thousands of candidates.
 */
export class Ingredients {
  /** For each text of a kind the lines that it stands on. */
  readonly #found = new Map<Kind, Map<string, number[]>>();
  /** Statements of one line that could stand elsewhere too. */
  readonly steps: SyntaxNode[] = [];
  readonly #sorted = new Map<string, readonly string[]>();

  /** `home` is an outermost function; null for what is outside of all. */
  constructor(unit: SourceUnit, home: SyntaxNode | null) {
    for (const node of walk(home ?? unit.root)) {
      if (home === null && outermostFunction(node) !== null) continue;
      for (const [kind, text] of piecesOf(unit, node)) this.#note(kind, text, node.line);
      if (/^(expression|raise|simple)$/.test(node.role) && !textOf(unit, node).includes("\n"))
        this.steps.push(node);
    }
    const unset = [...(this.#found.get("changed") ?? [])].filter(([text]) => !this.has("set", text));
    this.#found.set("unset", new Map(unset));
  }

  #note(kind: Kind, text: string, line: number): void {
    if (text.length > LONGEST || text.includes("\n")) return;
    const texts = this.#found.get(kind) ?? new Map<string, number[]>();
    this.#found.set(kind, texts);
    const lines = texts.get(text);
    if (lines === undefined) texts.set(text, [line]);
    else lines.push(line);
  }

  has(kind: Kind, text: string): boolean {
    return this.#found.get(kind)?.has(text) ?? false;
  }

  /** Whether a name has been given a value on an earlier line. */
  isSetBefore(text: string, line: number): boolean {
    return (
      this.#found
        .get("set")
        ?.get(text)
        ?.some((at) => at < line) ?? false
    );
  }

  /** The texts of a kind but one that are nearest to a line, with weights that begin at 1 and fall. */
  near(kind: Kind, line: number, except = ""): readonly Choice[] {
    const key = `${kind} ${line}`;
    const sorted = this.#sorted.get(key) ?? this.#sort(kind, line);
    this.#sorted.set(key, sorted);
    const others = sorted.filter((text) => text !== except).slice(0, NEAREST);
    return others.map((text, rank) => [text, 1 / (1 + rank * 0.45)]);
  }

  /** The nearest occurrence counts; what is used often is taken for a little nearer. */
  #sort(kind: Kind, line: number): string[] {
    const distance = (lines: readonly number[]) =>
      Math.min(...lines.map((at) => Math.abs(at - line))) - Math.min(lines.length, 4) * 0.3;
    const idle = (text: string, lines: readonly number[]) =>
      kind === "variable" && lines.length === 1 && this.has("set", text) ? IDLE : 0;
    return [...(this.#found.get(kind) ?? [])]
      .map(([text, lines]) => ({ text, key: distance(lines) - idle(text, lines) }))
      .sort((a, b) => a.key - b.key || (a.text < b.text ? -1 : 1))
      .slice(0, NEAREST + 1)
      .map(({ text }) => text);
  }
}

function* piecesOf(unit: SourceUnit, node: SyntaxNode): Iterable<readonly [Kind, string]> {
  const text = textOf(unit, node);
  const kind = kindOf(node);
  if (kind !== null) yield [kind, text];
  const use = kind === "variable" ? useOf(node) : null;
  if (use !== null) yield [use, text];
  if (kind === "parameter" || (kind === "variable" && isTarget(node)))
    yield [node.parent?.role === "augmented" ? "changed" : "set", text];
  if (kind === "parameter" && text !== "self") yield ["variable", text];
  const condition = conditionOf(node);
  if (condition !== undefined) yield ["condition", textOf(unit, condition)];
  if (node.role === "subscript")
    for (const index of node.parts.slice(1)) yield ["index", textOf(unit, index)];
  const object = node.role === "attribute" ? node.parts[0] : undefined;
  if (object?.role === "name" && node.field === "function" && FILLS.test(textOf(unit, node)))
    yield ["changed", textOf(unit, object)];
  const { target, value } = assignedIn(node) ?? {};
  if (target?.role !== "name" || value === undefined) return;
  const method = FILLED_BY[unit.language === "python" ? "python" : "script"].get(textOf(unit, value));
  if (method !== undefined) yield ["filled", `${textOf(unit, target)}.${method}`];
}

const FILLS = /\.(append|extend|insert|add|push|unshift)$/;
const FILLED_BY = {
  python: new Map([
    ["[]", "append"],
    ["list()", "append"],
    ["deque()", "append"],
    ["set()", "add"],
  ]),
  script: new Map([
    ["[]", "push"],
    ["new Set()", "add"],
  ]),
};

/** What a name's place asks of it: to be something to look into, or a number. */
export function useOf(node: SyntaxNode): "opened" | "counted" | null {
  if (isLookedInto(node)) return "opened";
  return /^(subscript|slice|arithmetic)$/.test(node.parent?.role ?? "") ? "counted" : null;
}

/** The kind of a node that can stand for another one of its kind. */
export function kindOf(node: SyntaxNode): Kind | null {
  const { role, parent, field } = node;
  if (role === "name") return field === "function" || field === "constructor" ? "function" : "variable";
  if (role === "property") return parent?.field === "function" ? "method" : "property";
  if (role === "parameter" || role === "number" || role === "string") return role;
  const isExpression = role === "attribute" || role === "subscript" || role === "call";
  return isExpression && field !== "function" ? "expression" : null;
}
