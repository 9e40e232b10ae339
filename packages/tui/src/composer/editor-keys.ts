import type { KeyEvent } from "../keys/key-event.ts";
import {
  characterAfter,
  characterBefore,
  type EditorState,
  insert,
  lineEnd,
  lineStart,
  moveLine,
  moveTo,
  redo,
  remove,
  undo,
  wordAfter,
  wordBefore,
} from "./editor.ts";

/** The editor after a key; null when the key is none of the editor's, or does nothing here. */
export function pressInEditor(state: EditorState, event: KeyEvent): EditorState | null {
  switch (event.type) {
    case "text":
    case "paste":
      return insert(state, event.text);
    case "focus":
      return null;
    case "key":
      return typeof event.key === "string" ? namedKey(state, event) : letter(state, event, event.key.char);
  }
}

type Key = Extract<KeyEvent, { type: "key" }>;

function namedKey(state: EditorState, { key, ctrl, alt, shift }: Key): EditorState | null {
  const { text, cursor } = state;
  const byWord = ctrl || alt;
  switch (key) {
    case "enter":
      return shift || alt || ctrl ? insert(state, "\n") : null;
    case "backspace":
      return remove(state, byWord ? wordBefore(text, cursor) : characterBefore(text, cursor), cursor, byWord);
    case "delete":
      return remove(state, cursor, byWord ? wordAfter(text, cursor) : characterAfter(text, cursor), byWord);
    case "left":
      return moveTo(state, byWord ? wordBefore(text, cursor) : characterBefore(text, cursor));
    case "right":
      return moveTo(state, byWord ? wordAfter(text, cursor) : characterAfter(text, cursor));
    case "up":
      return ctrl || alt ? null : moveLine(state, -1);
    case "down":
      return ctrl || alt ? null : moveLine(state, 1);
    case "home":
      return moveTo(state, ctrl ? 0 : lineStart(text, cursor));
    case "end":
      return moveTo(state, ctrl ? text.length : lineEnd(text, cursor));
    default:
      return null;
  }
}

function letter(state: EditorState, { ctrl, alt, shift }: Key, char: string): EditorState | null {
  const { text, cursor } = state;
  if (alt && !ctrl) return altLetter(state, char);
  if (!ctrl) return null;
  switch (char) {
    case "j":
      return insert(state, "\n");
    case "a":
      return moveTo(state, lineStart(text, cursor));
    case "e":
      return moveTo(state, lineEnd(text, cursor));
    case "b":
      return moveTo(state, characterBefore(text, cursor));
    case "f":
      return moveTo(state, characterAfter(text, cursor));
    case "h":
      return remove(state, characterBefore(text, cursor), cursor, false);
    case "k":
      return remove(state, cursor, Math.max(lineEnd(text, cursor), Math.min(cursor + 1, text.length)), true);
    case "u":
      return remove(state, lineStart(text, cursor), cursor, true);
    case "w":
      return remove(state, wordBefore(text, cursor), cursor, true);
    case "y":
      return insert(state, state.cut);
    case "z":
      return shift ? redo(state) : undo(state);
    case "_":
      return undo(state);
    default:
      return null;
  }
}

function altLetter(state: EditorState, char: string): EditorState | null {
  const { text, cursor } = state;
  switch (char) {
    case "b":
      return moveTo(state, wordBefore(text, cursor));
    case "f":
      return moveTo(state, wordAfter(text, cursor));
    case "d":
      return remove(state, cursor, wordAfter(text, cursor), true);
    case "z":
      return redo(state);
    default:
      return null;
  }
}
