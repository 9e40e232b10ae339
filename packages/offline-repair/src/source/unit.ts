import type { Language } from "./language.ts";
import { nameOfFunction, parseSource, type SyntaxNode, walk } from "./tree.ts";

/** A piece of a source file with its syntax tree. A piece may begin and end anywhere in the file, on whole lines. */
export interface SourceUnit {
  path: string;
  language: Language;
  text: string;
  /** Line of the file, counted from 1, at which `text` begins. */
  firstLine: number;
  /** Offset of `text` in the file, in the units of the driver that read it. */
  offset: number;
  /** Offsets at which the lines of the text begin. */
  lineStarts: readonly number[];
  root: SyntaxNode;
}

/** What a driver hands over of one file. */
export interface SourceText {
  path: string;
  text: string;
  firstLine: number;
  offset: number;
}

/** Prepares a source text for the templates. `loadGrammars` must have ended before. */
export function createSourceUnit(source: SourceText, language: Language): SourceUnit {
  const { text } = source;
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const root = parseSource(text, language, source.path);
  return { ...source, language, lineStarts, root };
}

/** The source text of a node. */
export function textOf(unit: SourceUnit, { start, end }: { start: number; end: number }): string {
  return unit.text.slice(start, end);
}

/** The line of the text, counted from 0, that an offset is on. */
export function lineAt({ lineStarts }: SourceUnit, offset: number): number {
  let [low, high] = [0, lineStarts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The outermost function around a node: inner functions see its names, so they share one pool of ingredients. */
export function outermostFunction(node: SyntaxNode): SyntaxNode | null {
  let found: SyntaxNode | null = null;
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) if (at.role === "function") found = at;
  return found;
}

/** A function with its name, "" for one without; `from` and `to` are lines of the file. */
export interface NamedFunction {
  name: string;
  node: SyntaxNode;
  from: number;
  to: number;
}

/** All functions, outer ones first. */
export function namedFunctions(unit: SourceUnit): NamedFunction[] {
  const line = (offset: number) => unit.firstLine + lineAt(unit, offset);
  const functions = [...walk(unit.root)].filter(({ role }) => role === "function");
  return functions.map((node) => ({
    name: nameOfFunction(node, unit.text),
    node,
    from: line(node.start),
    to: line(node.end),
  }));
}

/** Name of the innermost function at an offset; "" outside of functions and for one without a name. */
export function functionNameAt(unit: SourceUnit, offset: number): string {
  return namedFunctions(unit).findLast(({ node }) => node.start <= offset && offset <= node.end)?.name ?? "";
}

/** The names of the functions that are called by plain name inside a node. */
export function calledNames(unit: SourceUnit, node: SyntaxNode): string[] {
  const called = [...walk(node)].filter((one) => one.role === "name" && one.field === "function");
  return called.map((one) => textOf(unit, one));
}
