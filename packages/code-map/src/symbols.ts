import type { Grammar, Tree } from "./grammar.ts";
import type { DeclarationRule, Language, SymbolKind } from "./languages.ts";

/** One declaration. `depth` is 0 at the top of a file, 1 inside of what stands there, and so on. */
export interface CodeSymbol {
  name: string;
  kind: SymbolKind;
  /** From 1. */
  line: number;
  depth: number;
  /** Whether other files may use it, by the rules of its language. */
  exported: boolean;
  /** The declaration up to its body, on one line, cut; as the file has it otherwise. */
  signature: string;
}

/** Declarations that are kept of one file, and how deep they are looked for. */
export const MOST_SYMBOLS = 300;
export const DEEPEST = 12;
const LONGEST_NAME = 120;
const LONGEST_SIGNATURE = 140;
/** What a constant is made of tells little. */
const LONGEST_CONSTANT = 70;

type SyntaxNode = import("@vscode/tree-sitter-wasm").Node;

/** What to do at each kind of node, by its number in the grammar. */
export interface NodeTable {
  /** 1: gone into. */
  enter: Uint8Array;
  declare: readonly (DeclarationRule | undefined)[];
  /** The node that makes what stands in it known to others; -1 where the language has none. */
  exportNode: number;
  exports: Language["exports"];
}

export function nodeTable(grammar: Grammar, { enter, declare, exports }: Language): NodeTable {
  const entered = new Set(enter);
  const rules = new Map(Object.entries(declare));
  const table: NodeTable & { declare: (DeclarationRule | undefined)[] } = {
    enter: new Uint8Array(grammar.nodeTypeCount),
    declare: new Array<DeclarationRule | undefined>(grammar.nodeTypeCount),
    exportNode: -1,
    exports,
  };
  for (let id = 0; id < grammar.nodeTypeCount; id++) {
    const type = grammar.nodeTypeForId(id);
    if (type === null || !grammar.nodeTypeIsNamed(id)) continue;
    if (type === "export_statement") table.exportNode = id;
    if (entered.has(type)) table.enter[id] = 1;
    table.declare[id] = rules.get(type);
  }
  return table;
}

/** The declarations of a tree in the order of the text. Bodies of functions are never visited. */
export function symbolsOf(tree: Tree, text: string, table: NodeTable): CodeSymbol[] {
  const found: CodeSymbol[] = [];
  const cursor = tree.walk();
  let exporting = false;
  const visit = (depth: number, level: number): void => {
    if (!cursor.gotoFirstChild()) return;
    do {
      const id = cursor.nodeTypeId;
      const rule = table.declare[id];
      if (level === 0) exporting = id === table.exportNode;
      const symbol = rule === undefined ? null : symbolAt(cursor.currentNode, rule, depth, text);
      if (symbol !== null) found.push({ ...symbol, exported: isExported(symbol, table.exports, exporting) });
      if (table.enter[id] === 1 && level < DEEPEST) visit(symbol === null ? depth : depth + 1, level + 1);
    } while (found.length < MOST_SYMBOLS && cursor.gotoNextSibling());
    cursor.gotoParent();
  };
  visit(0, 0);
  cursor.delete();
  // Exported by a list of names at the end, or as CommonJS does it; with neither, the file is a program that nobody uses.
  const listed =
    table.exports === "marked" && !found.some(({ exported }) => exported) && EXPORT_LIST.test(text);
  return listed ? found.map((symbol) => ({ ...symbol, exported: true })) : found;
}

const EXPORT_LIST = /\bexport\s*[{*]|\bexports\b/;

type Declared = Omit<CodeSymbol, "exported">;

function isExported({ name, signature }: Declared, how: Language["exports"], exporting: boolean): boolean {
  switch (how) {
    case "marked":
      return exporting && !/^(?:private|protected)\b|^#/.test(signature);
    case "capital":
      return /^\p{Lu}/u.test(name);
    case "pub":
      return /^(?:pub|impl|macro_rules!)/.test(signature);
    case "underscore":
      return !name.startsWith("_");
    case "not-private":
      return (
        !/^(?:[\w@]+ )*?(?:private|static)\b/.test(signature) || /\b(?:public|protected)\b/.test(signature)
      );
    case "all":
      return true;
  }
}

function symbolAt(node: SyntaxNode, rule: DeclarationRule, depth: number, text: string): Declared | null {
  const body = node.childForFieldName("body");
  if (rule.needsBody && body === null) return null;
  const name = nameOf(node, rule.name, text);
  if (name === null) return null;
  // `#define A_H` only keeps a header from being read twice.
  if (node.type === "preproc_def" && node.childForFieldName("value") === null) return null;
  const value = rule.kind === "constant" ? node.childForFieldName("value") : null;
  const isFunction = value !== null && /function|arrow/.test(value.type);
  // Of `const add = (a, b) => …` the parameters tell more than the name alone, of other values the beginning is enough.
  const end = isFunction ? value.childForFieldName("body") : body;
  const kind = isFunction ? "function" : rule.kind;
  return {
    name,
    kind: kind === "function" && depth > 0 && !isFunction ? "method" : kind,
    line: node.startPosition.row + 1,
    depth,
    signature: signatureOf(
      text,
      node.startIndex,
      end?.startIndex ?? node.endIndex,
      kind === "constant" ? LONGEST_CONSTANT : LONGEST_SIGNATURE,
    ),
  };
}

function nameOf(node: SyntaxNode, from: DeclarationRule["name"], text: string): string | null {
  if (from === "declarator") return declaredName(node, text);
  if (from === "exported") return exportedName(node.childForFieldName("left"), text);
  const named = node.childForFieldName(from === "constant" ? "left" : from);
  if (named === null) return null;
  const name = text.slice(named.startIndex, named.endIndex);
  if (name.length > LONGEST_NAME || /[\s{}[\](),]/.test(name)) return from === "type" ? cutName(name) : null;
  return from === "constant" && !/^[A-Z]/.test(name) ? null : name;
}

/** The name of what an `impl` is for, without its parameters. */
function cutName(name: string): string | null {
  return /^[\w:]+/.exec(name)?.[0] ?? null;
}

const MOST_DECLARATORS = 8;

/** In C a name stands at the end of a chain: pointer to function of parameters. Variables are none of ours. */
function declaredName(node: SyntaxNode, text: string): string | null {
  let isFunction = node.type === "type_definition";
  let here = node.childForFieldName("declarator");
  for (let step = 0; here !== null && step < MOST_DECLARATORS; step++) {
    if (here.type === "function_declarator") isFunction = true;
    const next =
      here.childForFieldName("declarator") ??
      (here.type === "reference_declarator" ? here.namedChild(0) : null);
    if (next === null) {
      const name = text.slice(here.startIndex, here.endIndex);
      return isFunction && name.length <= LONGEST_NAME && /^[~\w:<>, ]+$/.test(name) ? name : null;
    }
    here = next;
  }
  return null;
}

function exportedName(left: SyntaxNode | null, text: string): string | null {
  if (left === null || left.endIndex - left.startIndex > LONGEST_NAME) return null;
  const words = text.slice(left.startIndex, left.endIndex);
  return (
    /^(?:module\.)?exports\.([\w$]+)$|^[\w$]+\.prototype\.([\w$]+)$/.exec(words)?.slice(1).find(Boolean) ??
    null
  );
}

function signatureOf(text: string, start: number, end: number, longest: number): string {
  const words = text.slice(start, Math.min(end, start + longest * 3)).replace(/\s+/g, " ");
  const cut = words.replace(/(?:=>|[\s{:=;])+$/, "");
  return cut.length <= longest ? cut : `${cut.slice(0, longest - 1)}…`;
}
