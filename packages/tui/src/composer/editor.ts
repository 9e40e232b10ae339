import { graphemes } from "../text/width.ts";

/** A text being written, and where the cursor stands in it. Offsets are in UTF-16 units, at the edge of a character. */
export interface EditorState {
  readonly text: string;
  readonly cursor: number;
  /** What was cut last, for putting it back. */
  readonly cut: string;
  readonly undo: readonly Snapshot[];
  readonly redo: readonly Snapshot[];
  /** Typing goes on in one step of undo until something else happens. */
  readonly isTyping: boolean;
  /** The column, in characters, that moving up and down keeps; null after any other move. */
  readonly column: number | null;
}

interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

const MOST_UNDO = 200;

export const EMPTY_EDITOR: EditorState = {
  text: "",
  cursor: 0,
  cut: "",
  undo: [],
  redo: [],
  isTyping: false,
  column: null,
};

/** A text to go on with; undo leads back to what was there. */
export function setText(state: EditorState, text: string, cursor = text.length): EditorState {
  return text === state.text ? moveTo(state, cursor) : { ...changed(state, text, cursor), isTyping: false };
}

export function insert(state: EditorState, text: string): EditorState {
  const { text: before, cursor } = state;
  const next = changed(
    state,
    before.slice(0, cursor) + text + before.slice(cursor),
    cursor + text.length,
    state.isTyping,
  );
  return { ...next, isTyping: text.length === 1 && !/\s/.test(text) };
}

/** Takes out what stands between two offsets; `keep` makes it what `paste` puts back. */
export function remove(state: EditorState, from: number, to: number, keep: boolean): EditorState {
  if (from >= to) return state;
  const next = changed(state, state.text.slice(0, from) + state.text.slice(to), from);
  return keep ? { ...next, cut: state.text.slice(from, to) } : next;
}

export function undo(state: EditorState): EditorState {
  const last = state.undo.at(-1);
  if (last === undefined) return state;
  const redo = [...state.redo, { text: state.text, cursor: state.cursor }];
  return { ...state, ...last, undo: state.undo.slice(0, -1), redo, isTyping: false, column: null };
}

export function redo(state: EditorState): EditorState {
  const next = state.redo.at(-1);
  if (next === undefined) return state;
  const before = [...state.undo, { text: state.text, cursor: state.cursor }];
  return { ...state, ...next, undo: before, redo: state.redo.slice(0, -1), isTyping: false, column: null };
}

export function moveTo(state: EditorState, cursor: number): EditorState {
  const at = Math.max(0, Math.min(state.text.length, cursor));
  return { ...state, cursor: at, isTyping: false, column: null };
}

/** Up or down by lines of the text; null where there is none. */
export function moveLine(state: EditorState, by: -1 | 1): EditorState | null {
  const start = lineStart(state.text, state.cursor);
  const column = state.column ?? [...graphemes(state.text.slice(start, state.cursor))].length;
  const target = by < 0 ? start - 1 : lineEnd(state.text, state.cursor) + 1;
  if (target < 0 || target > state.text.length) return null;
  const from = lineStart(state.text, target);
  return { ...moveTo(state, offsetOfColumn(state.text, from, column)), column };
}

function offsetOfColumn(text: string, start: number, column: number): number {
  let at = start;
  let left = column;
  for (const { text: character } of graphemes(text.slice(start, lineEnd(text, start)))) {
    if (left === 0) break;
    at += character.length;
    left -= 1;
  }
  return at;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/** The edge of the character before or after. */
export function characterBefore(text: string, at: number): number {
  const start = Math.max(0, lineStart(text, at) - (text[at - 1] === "\n" ? 1 : 0));
  const last = [...graphemes(text.slice(start, at))].at(-1);
  return at - (last?.text.length ?? 0);
}

export function characterAfter(text: string, at: number): number {
  for (const { text: character } of graphemes(text.slice(at, at + 64))) return at + character.length;
  return at;
}

const WORD = /[\p{L}\p{N}_]+/gu;

/** Where the word before begins, and where the word after ends. */
export function wordBefore(text: string, at: number): number {
  return [...text.slice(0, at).matchAll(WORD)].at(-1)?.index ?? 0;
}

export function wordAfter(text: string, at: number): number {
  WORD.lastIndex = at;
  const match = WORD.exec(text);
  WORD.lastIndex = 0;
  return match === null ? text.length : match.index + match[0].length;
}

function changed(state: EditorState, text: string, cursor: number, sameStep = false): EditorState {
  const undo = sameStep
    ? state.undo
    : [...state.undo.slice(1 - MOST_UNDO), { text: state.text, cursor: state.cursor }];
  return { ...state, text, cursor, undo, redo: [], isTyping: false, column: null };
}
