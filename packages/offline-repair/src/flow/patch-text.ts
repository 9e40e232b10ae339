import type { SourceUnit } from "../source/unit.ts";

/** An edit of a text: what lies between two offsets is replaced. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** The same edit as whole lines, the form in which it is shown and patched. */
export interface LineEdit {
  /** First line, counted from 0 in the unit's text. */
  first: number;
  removed: readonly string[];
  added: readonly string[];
}

/** Widens an edit to whole lines and drops lines that stay as they are. */
export function toLineEdit(text: string, edit: TextEdit): LineEdit {
  const from = edit.start === 0 ? 0 : text.lastIndexOf("\n", edit.start - 1) + 1;
  const after = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  const endOfLine = text.indexOf("\n", edit.end);
  const to = endOfLine < 0 ? text.length : endOfLine;
  const newTo = to + after.length - text.length;
  const first = text.slice(0, from).split("\n").length - 1;
  const removed = splitLines(text.slice(from, to));
  const added = splitLines(after.slice(from, newTo));
  let head = 0;
  while (head < removed.length && head < added.length && removed[head] === added[head]) head += 1;
  let tail = 0;
  while (
    tail < removed.length - head &&
    tail < added.length - head &&
    removed[removed.length - 1 - tail] === added[added.length - 1 - tail]
  )
    tail += 1;
  return {
    first: first + head,
    removed: removed.slice(head, removed.length - tail),
    added: added.slice(head, added.length - tail),
  };
}

function splitLines(text: string): string[] {
  return text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

/** The text after an edit. */
export function applyEdit(text: string, edit: TextEdit): string {
  return text.slice(0, edit.start) + edit.text + text.slice(edit.end);
}

const CONTEXT = 3;

/**
 * The edit as an `apply_patch` text. Context grows until the old lines occur once in what is known of the file, so
 * that the edit cannot land at another place that looks alike.
 */
export function patchFor(unit: Pick<SourceUnit, "path" | "text">, edit: TextEdit): string {
  const lines = splitLines(unit.text);
  const { first, removed, added } = toLineEdit(unit.text, edit);
  const endsWithBreak = unit.text.endsWith("\n");
  const count = endsWithBreak ? lines.length - 1 : lines.length;
  let above = CONTEXT;
  let below = CONTEXT;
  for (;;) {
    const from = Math.max(0, first - above);
    const to = Math.min(count, first + removed.length + below);
    if ((from === 0 && to === count) || occurrences(lines, from, to) === 1 || above > 400) break;
    above += 3;
    below += 3;
  }
  const from = Math.max(0, first - above);
  const to = Math.min(count, first + removed.length + below);
  return [
    "*** Begin Patch",
    `*** Update File: ${unit.path}`,
    "@@",
    ...lines.slice(from, first).map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...lines.slice(first + removed.length, to).map((line) => ` ${line}`),
    "*** End Patch",
    "",
  ].join("\n");
}

/** The patch that takes an edit back. */
export function reversePatchFor(unit: Pick<SourceUnit, "path" | "text">, edit: TextEdit): string {
  const { start, end, text } = edit;
  const back = { start, end: start + text.length, text: unit.text.slice(start, end) };
  return patchFor({ path: unit.path, text: applyEdit(unit.text, edit) }, back);
}

function occurrences(lines: readonly string[], from: number, to: number): number {
  const block = lines.slice(from, to);
  let found = 0;
  for (let at = 0; at + block.length <= lines.length && found < 2; at++)
    if (block.every((line, index) => lines[at + index] === line)) found += 1;
  return found;
}
