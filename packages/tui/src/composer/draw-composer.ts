import type { LiveArea } from "../terminal/live-screen.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutLine } from "../text/wrap.ts";
import type { ComposerState } from "./composer.ts";
import { layOut, placeOf } from "./editor-layout.ts";
import type { SuggestionList } from "./suggestions.ts";

export interface ComposerView {
  readonly columns: number;
  /** The most rows of text and of suggestions together. */
  readonly rows: number;
  /** Shown, pale, while nothing is written. */
  readonly hint: string;
}

const MARK: Span = { text: "› ", ink: "accent", bold: true };
const INDENT: Span = { text: "  " };
const MOST_SUGGESTIONS = 8;

/** The composer as rows: what is written, around the cursor where it is longer than there is room, and what is suggested. */
export function drawComposer(state: ComposerState, view: ComposerView): LiveArea {
  const list = suggestionLines(state.suggestions, view.columns);
  const { text, cursor } = state.editor;
  const shown = visibleControls(text);
  const rows = layOut(shown, view.columns - 3);
  const place = placeOf(shown, rows, cursor);
  const most = Math.max(1, view.rows - list.length);
  const first = Math.min(Math.max(0, place.row - most + 1), Math.max(0, rows.length - most));
  const lines = rows.slice(first, first + most).map((row, at): StyledLine => {
    const sign = first + at === 0 ? MARK : INDENT;
    const line = shown.slice(row.start, row.end);
    return { spans: line === "" ? [sign] : [sign, { text: line }] };
  });
  const drawn =
    text === "" ? [{ spans: [MARK, { text: safeLine(view.hint), ink: "muted" } as const] }] : lines;
  return { lines: [...drawn, ...list], cursor: { row: place.row - first, column: place.column + 2 } };
}

/** The same number of characters, so that offsets stay what they are. */
function visibleControls(text: string): string {
  return text.replace(CONTROLS, (character) => (character === "\t" ? " " : "·"));
}

const CONTROLS = /(?!\n)[\p{Control}\p{Bidi_Control}]/gu;

function suggestionLines(list: SuggestionList | null, columns: number): StyledLine[] {
  if (list === null || list.isHidden || list.items.length === 0) return [];
  const first = Math.min(
    Math.max(0, list.chosen - MOST_SUGGESTIONS + 1),
    Math.max(0, list.items.length - MOST_SUGGESTIONS),
  );
  const shown = list.items.slice(first, first + MOST_SUGGESTIONS);
  const widest = Math.max(...shown.map(({ value }) => value.length));
  const lines = shown.map((item, at): StyledLine => {
    const isChosen = first + at === list.chosen;
    const value: Span = {
      text: `${list.trigger.sign}${safeLine(item.value)}`.padEnd(widest + 1),
      ...(isChosen ? { ink: "accent", bold: true } : {}),
    };
    const sign: Span = { text: isChosen ? "▸ " : "  ", ink: "accent" };
    return cutLine({ spans: [sign, value, { text: `  ${safeLine(item.hint)}`, ink: "muted" }] }, columns);
  });
  const hidden = list.items.length - shown.length;
  return hidden > 0 ? [...lines, { spans: [{ text: `  … ${hidden} more`, ink: "muted" }] }] : lines;
}
