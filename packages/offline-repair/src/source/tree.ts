import { parserFor } from "./grammars.ts";
import type { Language } from "./language.ts";
import { isCompound, isSimple, type Role, roleOfOperator, roleOfType } from "./roles.ts";

/** A node of a syntax tree. `start` and `end` are UTF-16 offsets into the text, `line` counts from 0. */
export interface SyntaxNode {
  /** The grammar's name of the node; for tokens their text. */
  readonly type: string;
  role: Role;
  /** What the node is to its parent ("left", "condition"), "" where the grammar does not say. */
  readonly field: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly parent: SyntaxNode | null;
  readonly children: SyntaxNode[];
  /** The children that are no tokens. */
  readonly parts: SyntaxNode[];
}

/** The tree of a text without what is never edited, as plain objects: tree-sitter's own nodes cost a call for each look. */
export function parseSource(text: string, language: Language, path: string): SyntaxNode {
  const tree = parserFor(language, path).parse(text);
  if (tree === null) throw new Error("tree-sitter gave no tree"); // only with a limit of time, and none is set
  const cursor = tree.walk();
  let [line, lineEnd] = [0, text.indexOf("\n")];

  function read(parent: SyntaxNode | null): SyntaxNode | null {
    const type = cursor.nodeType;
    const role = cursor.nodeIsNamed ? roleOfType(type, language) : "token";
    if (role === null) return null;
    const start = cursor.startIndex;
    while (lineEnd >= 0 && start > lineEnd) [line, lineEnd] = [line + 1, text.indexOf("\n", lineEnd + 1)];
    const node: SyntaxNode = {
      type,
      role,
      field: cursor.currentFieldName ?? "",
      start,
      end: cursor.endIndex,
      line,
      parent,
      children: [],
      parts: [],
    };
    if (cursor.gotoFirstChild()) {
      do {
        const child = read(node);
        if (child === null) continue;
        node.children.push(child);
        if (child.role !== "token") node.parts.push(child);
      } while (cursor.gotoNextSibling());
      cursor.gotoParent();
    }
    node.role = refine(node);
    return node;
  }
  const root = read(null);
  cursor.delete();
  tree.delete();
  if (root === null) throw new Error("a program is never left out");
  return root;
}

/** The roles that depend on more than the type of a node. */
function refine(node: SyntaxNode): Role {
  if (node.role === "arithmetic" || node.role === "unary")
    return roleOfOperator(operatorsOf(node)[0]?.type ?? "") ?? node.role;
  if (node.role !== "name") return node.role;
  const { field: own, parent } = node;
  if (own === "attribute") return "property";
  const isParameter =
    own === "parameter" || parent?.role === "parameters" || parent?.parent?.role === "parameters";
  if (isParameter) return own === "value" || own === "right" ? "name" : "parameter";
  // The name of a function, a class or a keyword argument is not used, only given.
  return own === "name" && parent?.role !== "assignment" ? "other" : "name";
}

/** Every node below and including one, in the order of the text. */
export function* walk(node: SyntaxNode): Generator<SyntaxNode> {
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    for (let at = next.children.length - 1; at >= 0; at--) open.push(next.children[at] ?? next);
  }
}

/** A child by its field's name. */
export function field(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return node.children.find((child) => child.field === name);
}

/** The operator tokens of an operation; Python's comparisons have several. */
export function operatorsOf(node: SyntaxNode): SyntaxNode[] {
  return node.children.filter((child) => child.role === "token");
}

/** The condition that a node asks: of a branch, a loop, a filter or a conditional expression. */
export function conditionOf(node: SyntaxNode): SyntaxNode | undefined {
  if (node.role === "ternary") return node.parts[node.type === "conditional_expression" ? 1 : 0];
  if (node.role === "filter") return node.parts[0];
  const condition = node.children.find((child) => child.field === "condition" && child.role !== "token");
  return condition?.role === "group" ? condition.parts[0] : condition;
}

/** Target and value of an assignment or a declaration; undefined where nothing is assigned. */
export function assignedIn(node: SyntaxNode): { target: SyntaxNode; value: SyntaxNode } | undefined {
  const target = field(node, "left") ?? field(node, "name");
  const value = field(node, "right") ?? field(node, "value");
  return node.role === "assignment" && target && value ? { target, value } : undefined;
}

/** The innermost node around (or at) one that passes a test. */
export function around(node: SyntaxNode | null, test: (node: SyntaxNode) => boolean): SyntaxNode | null {
  let at = node;
  while (at !== null && !test(at)) at = at.parent;
  return at;
}

const startsLine = (node: SyntaxNode) => isSimple(node) || isCompound(node) || node.role === "clause";

/** The innermost statement or branch around a node. */
export function statementOf(node: SyntaxNode): SyntaxNode | null {
  return around(node, startsLine);
}

/** The function's name, by which it is called or to what it is assigned; "" for one without. */
export function nameOfFunction(node: SyntaxNode, text: string): string {
  const own = field(node, "name");
  const home = node.parent;
  const name =
    own ?? (home?.role === "assignment" ? home.parts[0] : home?.type === "pair" ? home.parts[0] : undefined);
  return name === undefined ? "" : text.slice(name.start, name.end);
}

/** Whether a value is only looked into: `x` of `x.y` and `x[0]`. */
export function isLookedInto(node: SyntaxNode): boolean {
  const { parent } = node;
  return (parent?.role === "attribute" || parent?.role === "subscript") && parent.parts[0] === node;
}

/** Whether a name or element is written to here: assigned, declared, or a loop's variable. */
export function isTarget(node: SyntaxNode): boolean {
  const { parent, field: own } = node;
  if (parent === null) return false;
  if (parent.role === "tuple" || parent.role === "splat") return isTarget(parent);
  if (parent.role === "assignment") return own === "left" || own === "name";
  return own === "left" && ["augmented", "for", "generator"].includes(parent.role);
}
