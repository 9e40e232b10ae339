import type { LiveArea } from "../terminal/live-screen.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutLine } from "../text/wrap.ts";
import { type ComposerState, isShellInput } from "./composer.ts";
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
/** A command of the user's own: what is written runs on this machine instead of going to the agent. */
const SHELL_MARK: Span = { text: "! ", ink: "warn", bold: true };
const SHELL_NOTE = "  your own command: your rights, no sandbox; the agent sees what it prints";
const INDENT: Span = { text: "  " };
const MOST_SUGGESTIONS = 8;

/** The composer as rows: what is written, around the cursor where it is longer than there is room, and what is suggested. */
export function drawComposer(state: ComposerState, view: ComposerView): LiveArea {
  const list = suggestionLines(state.suggestions, view.columns);
  // The exclamation mark stands in the place of the mark, and is not shown twice.
  const isShell = isShellInput(state.editor.text);
  const text = isShell ? state.editor.text.slice(1) : state.editor.text;
  const cursor = Math.max(0, isShell ? state.editor.cursor - 1 : state.editor.cursor);
  const mark = isShell ? SHELL_MARK : MARK;
  const shown = visibleControls(text);
  const rows = layOut(shown, view.columns - 3);
  const place = placeOf(shown, rows, cursor);
  const note: StyledLine[] = isShell
    ? [cutLine({ spans: [{ text: SHELL_NOTE, ink: "muted" }] }, view.columns)]
    : [];
  const most = Math.max(1, view.rows - list.length - note.length);
  const first = Math.min(Math.max(0, place.row - most + 1), Math.max(0, rows.length - most));
  const lines = rows.slice(first, first + most).map((row, at): StyledLine => {
    const sign = first + at === 0 ? mark : INDENT;
    const line = shown.slice(row.start, row.end);
    return { spans: line === "" ? [sign] : [sign, { text: line }] };
  });
  const drawn =
    state.editor.text === ""
      ? [{ spans: [MARK, { text: safeLine(view.hint), ink: "muted" } as const] }]
      : lines;
  return {
    lines: [...drawn, ...note, ...list],
    cursor: { row: place.row - first, column: place.column + 2 },
  };
}

/** The same number of characters, so that offsets stay what they are. */
function visibleControls(text: string): string {
  return text.replace(CONTROLS, (character) => (character === "\t" ? " " : "·".repeat(character.length)));
}

/** Controls, and what hides or reorders text: what is pasted may hold words that nobody sees. Emoji keep their colour. */
const CONTROLS =
  /(?!\n|\ufe0e|\ufe0f)[\p{Control}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu;

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
