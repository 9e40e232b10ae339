import { isCompound, isSimple } from "../source/roles.ts";
import { around, type SyntaxNode } from "../source/tree.ts";
import { lineAt, type SourceUnit } from "../source/unit.ts";
import type { Span } from "./template.ts";

export const isStatement = (node: SyntaxNode): boolean => isSimple(node) || isCompound(node);

/** The statements of the block that a statement stands in; none for a JavaScript branch without braces. */
export function siblings({ parent }: SyntaxNode): readonly SyntaxNode[] {
  return parent?.role === "block" || parent?.role === "clause" ? parent.parts.filter(isStatement) : [];
}

/** The statement behind another one in its block (1), or in front of it (-1). */
export function beside(node: SyntaxNode, step: 1 | -1): SyntaxNode | undefined {
  const all = siblings(node);
  return all[all.indexOf(node) + step];
}

/** The branch or loop that ends with a statement, so that what stands behind it is behind the statement too. */
export function endedBy(node: SyntaxNode): SyntaxNode | null {
  const home = around(node.parent, isCompound);
  const inside = siblings(node).length > 0 && beside(node, 1) === undefined;
  return inside && home !== null && /^(if|for|while)$/.test(home.role) && siblings(home).length > 0
    ? home
    : null;
}

/** Whether a loop of the same function is around a statement. */
export function isInLoop(node: SyntaxNode): boolean {
  return /^(for|while)$/.test(
    around(node.parent, ({ role }) => /^(for|while|function)$/.test(role))?.role ?? "",
  );
}

/** The white space in front of a node's line. */
export function indentOf({ text, lineStarts }: SourceUnit, node: SyntaxNode): string {
  return /^[ \t]*/.exec(text.slice(lineStarts[node.line], node.start))?.[0] ?? "";
}

/** One step of indentation more, as the file does it. */
export function deeper({ text }: SourceUnit, indent: string): string {
  if (/\n\t/.test(text)) return `${indent}\t`;
  return indent + (/\n {2}\S/.test(text) ? "  " : "    ");
}

export function lineBreak({ text }: SourceUnit): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

/** From the beginning of a node's first line to that of the line behind it. */
export function wholeLines(unit: SourceUnit, { start, end }: Span): Span {
  const { lineStarts, text } = unit;
  const last = lineAt(unit, Math.max(start, end - 1));
  return { start: lineStarts[lineAt(unit, start)] ?? 0, end: lineStarts[last + 1] ?? text.length };
}

/** Whether a node shares its lines with nothing but comments, and a line break is behind it. */
export function ownsLines(unit: SourceUnit, node: SyntaxNode): boolean {
  const lines = wholeLines(unit, node);
  const before = unit.text.slice(lines.start, node.start);
  return before.trim() === "" && /^[ \t;]*((#|\/\/).*)?\r?\n$/.test(unit.text.slice(node.end, lines.end));
}

/** The lines of a statement at another indentation. */
export function reindented(unit: SourceUnit, node: SyntaxNode, indent: string): string {
  const { start, end } = wholeLines(unit, node);
  const own = indentOf(unit, node);
  const lines = unit.text.slice(start, end).split(/(?<=\n)/);
  return lines.map((line) => (line.startsWith(own) ? indent + line.slice(own.length) : line)).join("");
}
