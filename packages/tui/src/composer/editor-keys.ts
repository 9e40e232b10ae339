import type { KeyEvent } from "../keys/key-event.ts";
import { type Action, DEFAULT_KEYMAP, type Keymap } from "../keys/keymap.ts";
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
export function pressInEditor(
  state: EditorState,
  event: KeyEvent,
  keymap: Pick<Keymap, "actionOf"> = DEFAULT_KEYMAP,
): EditorState | null {
  if (event.type === "text" || event.type === "paste") return insert(state, event.text);
  const action = keymap.actionOf(event);
  return action === null ? null : edit(state, action);
}

function edit(state: EditorState, action: Action): EditorState | null {
  const { text, cursor } = state;
  switch (action) {
    case "insert_newline":
      return insert(state, "\n");
    case "move_up":
      return moveLine(state, -1);
    case "move_down":
      return moveLine(state, 1);
    case "move_left":
      return moveTo(state, characterBefore(text, cursor));
    case "move_right":
      return moveTo(state, characterAfter(text, cursor));
    case "move_word_left":
      return moveTo(state, wordBefore(text, cursor));
    case "move_word_right":
      return moveTo(state, wordAfter(text, cursor));
    case "move_line_start":
      return moveTo(state, lineStart(text, cursor));
    case "move_line_end":
      return moveTo(state, lineEnd(text, cursor));
    case "move_text_start":
      return moveTo(state, 0);
    case "move_text_end":
      return moveTo(state, text.length);
    case "delete_backward":
      return remove(state, characterBefore(text, cursor), cursor, false);
    case "delete_forward":
      return remove(state, cursor, characterAfter(text, cursor), false);
    case "delete_backward_word":
      return remove(state, wordBefore(text, cursor), cursor, true);
    case "delete_forward_word":
      return remove(state, cursor, wordAfter(text, cursor), true);
    case "kill_line_start":
      return remove(state, lineStart(text, cursor), cursor, true);
    case "kill_line_end":
      return remove(state, cursor, Math.max(lineEnd(text, cursor), Math.min(cursor + 1, text.length)), true);
    case "yank":
      return insert(state, state.cut);
    case "undo":
      return undo(state);
    case "redo":
      return redo(state);
    default:
      return null;
  }
}
