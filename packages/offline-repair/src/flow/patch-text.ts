import { diffLines } from "@quire/apply-patch";
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
  /** All lines from the first changed one to the last, with "-", "+" or " " in front. */
  hunk: readonly string[];
}

/** The lines that an edit changes. */
export function toLineEdit(text: string, edit: TextEdit): LineEdit {
  const [before, after] = [splitLines(text), splitLines(applyEdit(text, edit))];
  const runs = diffLines(before, after);
  const first = runs[0]?.aStart ?? 0;
  const changes = runs.map(({ aStart, aEnd, bStart, bEnd }, at) => ({
    same: before.slice(at === 0 ? first : runs[at - 1]?.aEnd, aStart),
    removed: before.slice(aStart, aEnd),
    added: after.slice(bStart, bEnd),
  }));
  return {
    first,
    removed: changes.flatMap(({ removed }) => removed),
    added: changes.flatMap(({ added }) => added),
    hunk: changes.flatMap(({ same, removed, added }) => [
      ...same.map((line) => ` ${line}`),
      ...removed.map((line) => `-${line}`),
      ...added.map((line) => `+${line}`),
    ]),
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
  const { first, hunk } = toLineEdit(unit.text, edit);
  const changed = hunk.filter((line) => !line.startsWith("+")).map((line) => line.slice(1));
  const lines = splitLines(unit.text);
  if (lines.at(-1) === "") lines.pop();
  const all = `\n${lines.join("\n")}\n`;
  for (let context = 3; ; context += 3) {
    const above = lines.slice(Math.max(0, first - context), first);
    const below = lines.slice(first + changed.length, first + changed.length + context);
    const old = `\n${[...above, ...changed, ...below].join("\n")}\n`;
    if (context < lines.length && context < 400 && all.indexOf(old) !== all.lastIndexOf(old)) continue;
    const shown = [...above.map((line) => ` ${line}`), ...hunk, ...below.map((line) => ` ${line}`)];
    return ["*** Begin Patch", `*** Update File: ${unit.path}`, "@@", ...shown, "*** End Patch", ""].join(
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
