import type { Span, StyledLine } from "./styled-line.ts";
import { cellWidth, graphemes } from "./width.ts";

/**
 * Breaks a line into rows of at most `width` cells, between words where that is possible and inside a word that is longer
 * than a row. A space at a break belongs to neither row. Always gives at least one row.
 */
export function wrapLine(line: StyledLine, width: number): StyledLine[] {
  const room = Math.max(1, width);
  if (lineWidth(line) <= room) return [line];
  const rows = new Rows(room, line.hanging ?? []);
  if (line.isSolid) rows.addSolid(line.spans);
  else for (const word of wordsOf(line.spans)) rows.add(word);
  return rows.done();
}

/** Cells of a whole line. */
export function lineWidth(line: StyledLine): number {
  return spansWidth(line.spans);
}

/** Cuts a line to `width` cells; what was cut is told by an ellipsis in the last cell. */
export function cutLine(line: StyledLine, width: number): StyledLine {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let left = Math.max(0, width - 1);
  for (const span of line.spans) {
    const { text, cells } = cutText(span.text, left);
    if (text !== "") kept.push({ ...span, text });
    left -= cells;
    if (text.length < span.text.length) {
      const { href: _unlinked, ...style } = span;
      kept.push({ ...style, text: "…" });
      break;
    }
  }
  return { ...line, spans: width > 0 ? kept : [] };
}

/** The longest beginning of a text that fits into `width` cells. */
export function cutText(text: string, width: number): { text: string; cells: number } {
  let cells = 0;
  let end = 0;
  for (const grapheme of graphemes(text)) {
    if (cells + grapheme.width > width) break;
    cells += grapheme.width;
    end += grapheme.text.length;
  }
  return { text: text.slice(0, end), cells };
}

interface Word {
  readonly parts: readonly Span[];
  readonly width: number;
  readonly isSpace: boolean;
}

class Rows {
  readonly #rows: StyledLine[] = [];
  readonly #room: number;
  readonly #hanging: readonly Span[];
  #spans: Span[] = [];
  #used = 0;
  #space: Word | null = null;

  constructor(room: number, hanging: readonly Span[]) {
    this.#room = room;
    this.#hanging = spansWidth(hanging) < room ? hanging : [];
  }

  add(word: Word): void {
    if (word.isSpace) {
      this.#space = word;
      return;
    }
    const gap = this.#space?.width ?? 0;
    if (this.#used + gap + word.width <= this.#room) {
      if (this.#space) this.#put(this.#space.parts, gap);
      this.#put(word.parts, word.width);
    } else {
      if (this.#space && !this.#isFresh()) this.#break();
      else if (this.#space) this.#put(this.#space.parts, Math.min(gap, this.#room));
      this.#putBroken(word);
    }
    this.#space = null;
  }

  done(): StyledLine[] {
    if (this.#spans.length > 0 || this.#rows.length === 0) this.#rows.push({ spans: this.#spans });
    return this.#rows;
  }

  #isFresh(): boolean {
    return this.#used === (this.#rows.length === 0 ? 0 : spansWidth(this.#hanging));
  }

  #put(parts: readonly Span[], width: number): void {
    this.#spans.push(...parts);
    this.#used += width;
  }

  /** A word that does not fit the row: whole on a new one if it fits there, else cell by cell. */
  #putBroken(word: Word): void {
    const fresh = spansWidth(this.#rows.length === 0 && this.#isFresh() ? [] : this.#hanging);
    if (!this.#isFresh() && fresh + word.width <= this.#room) this.#break();
    if (this.#used + word.width <= this.#room) {
      this.#put(word.parts, word.width);
      return;
    }
    this.addSolid(word.parts);
  }

  /** Broken wherever a row is full. */
  addSolid(parts: readonly Span[]): void {
    for (const part of parts) {
      let text = "";
      let width = 0;
      for (const grapheme of graphemes(part.text)) {
        if (this.#used + width + grapheme.width > this.#room && (width > 0 || !this.#isFresh())) {
          this.#putText(part, text, width);
          this.#break();
          text = "";
          width = 0;
        }
        text += grapheme.text;
        width += grapheme.width;
      }
      this.#putText(part, text, width);
    }
  }

  #putText(part: Span, text: string, width: number): void {
    if (text !== "") this.#put([{ ...part, text }], width);
  }

  #break(): void {
    this.#rows.push({ spans: this.#spans });
    this.#spans = [...this.#hanging];
    this.#used = spansWidth(this.#hanging);
  }
}

/** Runs of spaces and runs of anything else, each possibly in several looks. */
function* wordsOf(spans: readonly Span[]): Iterable<Word> {
  let parts: Span[] = [];
  let isSpace = false;
  for (const span of spans) {
    for (const [text] of span.text.matchAll(/ +|[^ ]+/g)) {
      const space = text.startsWith(" ");
      if (parts.length > 0 && space !== isSpace) {
        yield { parts, width: spansWidth(parts), isSpace };
        parts = [];
      }
      isSpace = space;
      parts.push({ ...span, text });
    }
  }
  if (parts.length > 0) yield { parts, width: spansWidth(parts), isSpace };
}

function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + cellWidth(span.text), 0);
}
