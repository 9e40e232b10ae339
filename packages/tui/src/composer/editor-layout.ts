import { cellWidth, graphemes } from "../text/width.ts";

/** A row of the editor as it is drawn: a stretch of the text, without the line end or the space that broke it. */
export interface EditorRow {
  readonly start: number;
  readonly end: number;
}

/** Breaks a text into rows of at most `width` cells, after a space where there is one. Line ends always break. */
export function layOut(text: string, width: number): EditorRow[] {
  const rows: EditorRow[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    rows.push(...layOutLine(line, start, Math.max(1, width)));
    start += line.length + 1;
  }
  return rows;
}

function layOutLine(line: string, offset: number, width: number): EditorRow[] {
  const rows: EditorRow[] = [];
  let start = 0;
  let at = 0;
  let cells = 0;
  let afterSpace = 0;
  for (const { text: character, width: wide } of graphemes(line)) {
    if (cells + wide > width) {
      const end = afterSpace > start ? afterSpace : at;
      rows.push({ start: offset + start, end: offset + end });
      cells = cellWidth(line.slice(end, at));
      start = end;
    }
    at += character.length;
    cells += wide;
    if (character === " ") afterSpace = at;
  }
  rows.push({ start: offset + start, end: offset + line.length });
  return rows;
}

/** Where an offset is drawn. At a break it belongs to the row that begins there. */
export function placeOf(
  text: string,
  rows: readonly EditorRow[],
  cursor: number,
): { row: number; column: number } {
  const row = Math.max(
    0,
    rows.findLastIndex(({ start }) => start <= cursor),
  );
  return { row, column: cellWidth(text.slice(rows[row]?.start ?? 0, cursor)) };
}
