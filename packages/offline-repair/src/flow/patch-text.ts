import type { SourceUnit } from "../source/unit.ts";

/** An edit of a text: what lies between two offsets is replaced. */
export interface TextEdit {
  start: number;
  end: number;
  text: string;
}

/** The same edit as whole lines, the form in which it is shown and patched. */
export interface LineEdit {
  /** First line, counted from 0 in the text. */
  first: number;
  removed: readonly string[];
  added: readonly string[];
}

/** The lines that an edit changes. */
export function toLineEdit(text: string, edit: TextEdit): LineEdit {
  const [before, after] = [splitLines(text), splitLines(applyEdit(text, edit))];
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first += 1;
  let tail = 0;
  while (tail < most - first && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return {
    first,
    removed: before.slice(first, before.length - tail),
    added: after.slice(first, after.length - tail),
  };
}

function splitLines(text: string): string[] {
  return text.split(/\r?\n/);
}

/** The text after an edit. */
export function applyEdit(text: string, { start, end, text: put }: TextEdit): string {
  return text.slice(0, start) + put + text.slice(end);
}

/**
 * The edit as an `apply_patch` text. Context grows until the old lines occur once in what is known of the file, so
 * that the edit cannot land at another place that looks alike.
 */
export function patchFor(unit: Pick<SourceUnit, "path" | "text">, edit: TextEdit): string {
  const { first, removed, added } = toLineEdit(unit.text, edit);
  const lines = splitLines(unit.text);
  if (lines.at(-1) === "") lines.pop();
  const all = `\n${lines.join("\n")}\n`;
  for (let context = 3; ; context += 3) {
    const above = lines.slice(Math.max(0, first - context), first);
    const below = lines.slice(first + removed.length, first + removed.length + context);
    const old = `\n${[...above, ...removed, ...below].join("\n")}\n`;
    if (context < lines.length && context < 400 && all.indexOf(old) !== all.lastIndexOf(old)) continue;
    const hunk = [
      ...above.map((line) => ` ${line}`),
      ...removed.map((line) => `-${line}`),
      ...added.map((line) => `+${line}`),
      ...below.map((line) => ` ${line}`),
    ];
    return ["*** Begin Patch", `*** Update File: ${unit.path}`, "@@", ...hunk, "*** End Patch", ""].join(
      "\n",
    );
  }
}

/** The patch that takes an edit back. */
export function reversePatchFor(unit: Pick<SourceUnit, "path" | "text">, edit: TextEdit): string {
  const { start, end, text } = edit;
  const back = { start, end: start + text.length, text: unit.text.slice(start, end) };
  return patchFor({ path: unit.path, text: applyEdit(unit.text, edit) }, back);
}
