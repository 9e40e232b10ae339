import type { StyledLine } from "../text/styled-line.ts";
import { cutLine, lineWidth, wrapLine } from "../text/wrap.ts";
import { encodeLine, type Palette } from "./encode.ts";

/** The few rows at the bottom that change, and where the cursor stands in them; null hides it. */
export interface LiveArea {
  readonly lines: readonly StyledLine[];
  readonly cursor: { readonly row: number; readonly column: number } | null;
}

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Mode 2026: the terminal shows what stands between the two at once. Terminals without it ignore them. */
const BEGIN = "\x1b[?2026h\x1b[?25l";
const END = "\x1b[?2026l";
/**
 * Around rows of the live area: a row stays one row although the terminal takes a character to be wider than we do, as
 * they disagree about emoji.
 */
const NO_WRAP = "\x1b[?7l";
const WRAP = "\x1b[?7h";
const SHOW_CURSOR = "\x1b[?25h";

/** What stands on the terminal below the scrollback. */
interface Drawn {
  readonly rows: readonly string[];
  /** Of each row, for what a narrower terminal makes of it. */
  readonly widths: readonly number[];
  readonly cursor: LiveArea["cursor"];
  /** The row that the terminal's cursor is on, shown or not. */
  readonly at: number;
}

const NOTHING: Drawn = { rows: [], widths: [], cursor: null, at: 0 };

/**
 * Draws in the normal screen: finished lines go once into the terminal's own scrollback, the live area below them is
 * redrawn where it changed. Gives bytes and holds no terminal, so that every frame can be tested as text. The screen is
 * never cleared; nothing above the live area is ever touched again.
 */
export class LiveScreen {
  #palette: Palette;
  #size: ScreenSize;
  #drawn: Drawn = NOTHING;

  constructor(size: ScreenSize, palette: Palette) {
    this.#size = size;
    this.#palette = palette;
  }

  /** Counts from the next line that is drawn. */
  set palette(palette: Palette) {
    this.#palette = palette;
  }

  /** The bytes that print `finished` above the live area and show `live` as it is now. Empty when nothing changed. */
  draw(finished: readonly StyledLine[], live: LiveArea): string {
    const { lines, cursor } = this.#fit(live);
    const rows = lines.map((line) => encodeLine(line, this.#palette));
    const body = finished.length > 0 ? this.#printAbove(finished, rows) : this.#redraw(rows);
    const at = cursor?.row ?? body.at;
    const isSame = body.bytes === "" && samePlace(cursor, this.#drawn.cursor);
    this.#drawn = { rows, widths: lines.map(lineWidth), cursor, at };
    if (isSame) return "";
    return `${BEGIN}${body.bytes}${placeCursor(body.at, cursor)}${END}`;
  }

  /**
   * Takes in a new size. Terminals wrap what no longer fits, so the old live area may stand on more rows than it was drawn
   * on; the bytes erase it wherever it now is. The next `draw` puts it back.
   */
  resize(size: ScreenSize): string {
    const narrower = size.columns < this.#size.columns;
    const rowsOf = (width: number) => (narrower ? Math.max(1, Math.ceil(width / size.columns)) : 1);
    const above = this.#drawn.widths.slice(0, this.#drawn.at).reduce((sum, width) => sum + rowsOf(width), 0);
    this.#size = size;
    return this.#erase(Math.min(above, size.rows - 1));
  }

  /** Takes the live area away and leaves the cursor where it began, for another program or for the shell. */
  clear(): string {
    return this.#erase(this.#drawn.at);
  }

  #erase(up: number): string {
    const isEmpty = this.#drawn.rows.length === 0;
    this.#drawn = NOTHING;
    return isEmpty ? "" : `${BEGIN}\r${moveUp(up)}\x1b[J${SHOW_CURSOR}${END}`;
  }

  /** The live area never takes the whole screen: its last rows win, since the composer is there. */
  #fit(live: LiveArea): LiveArea {
    const skipped = Math.max(0, live.lines.length - Math.max(1, this.#size.rows - 1));
    const lines = live.lines.slice(skipped).map((line) => cutLine(line, this.#size.columns));
    if (live.cursor === null) return { lines, cursor: null };
    const row = Math.min(Math.max(0, live.cursor.row - skipped), Math.max(0, lines.length - 1));
    return { lines, cursor: { row, column: Math.min(live.cursor.column, this.#size.columns - 1) } };
  }

  #printAbove(finished: readonly StyledLine[], rows: readonly string[]): { bytes: string; at: number } {
    const { columns } = this.#size;
    const printed = finished.flatMap((line) => (line.verbatim ? [line] : wrapLine(line, columns)));
    const above = printed.map((line) => `${encodeLine(line, this.#palette)}\r\n`).join("");
    // Erased as a whole, since a line that the terminal itself breaks goes over rows that nobody counts.
    const bytes = `\r${moveUp(this.#drawn.at)}\x1b[J${above}${oneRowEach(rows)}`;
    return { bytes, at: Math.max(0, rows.length - 1) };
  }

  #redraw(rows: readonly string[]): { bytes: string; at: number } {
    const before = this.#drawn.rows;
    const last = Math.max(before.length, 1) - 1;
    let bytes = "";
    let at = this.#drawn.at;
    const goTo = (row: number) => {
      const known = Math.min(row, last);
      bytes += `\r${known < at ? moveUp(at - known) : moveDown(known - at)}${"\r\n".repeat(row - known)}`;
      at = row;
    };
    rows.forEach((row, index) => {
      if (row === before[index]) return;
      goTo(index);
      bytes += `\x1b[K${oneRowEach([row])}`;
    });
    if (rows.length < before.length) {
      goTo(rows.length);
      bytes += "\x1b[J";
    }
    return { bytes, at };
  }
}

function oneRowEach(rows: readonly string[]): string {
  return rows.every((row) => row === "") ? rows.join("\r\n") : `${NO_WRAP}${rows.join("\r\n")}${WRAP}`;
}

function samePlace(a: LiveArea["cursor"], b: LiveArea["cursor"]): boolean {
  return a === b || (a !== null && b !== null && a.row === b.row && a.column === b.column);
}

function placeCursor(at: number, cursor: LiveArea["cursor"]): string {
  if (cursor === null) return "";
  const { row, column } = cursor;
  const across = column > 0 ? `\x1b[${column}C` : "";
  return `\r${row < at ? moveUp(at - row) : moveDown(row - at)}${across}${SHOW_CURSOR}`;
}

function moveUp(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}

function moveDown(rows: number): string {
  return rows > 0 ? `\x1b[${rows}B` : "";
}
