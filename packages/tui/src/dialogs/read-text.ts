import { type EditorState, EMPTY_EDITOR, setText } from "../composer/editor.ts";
import { pressInEditor } from "../composer/editor-keys.ts";
import { layOut, placeOf } from "../composer/editor-layout.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { LiveArea, ScreenSize } from "../terminal/live-screen.ts";
import { safeLine } from "../text/safe-text.ts";
import { plainText, type StyledLine } from "../text/styled-line.ts";
import { type Dialog, type DialogStep, type PlainForm, SETTLING } from "./dialog.ts";

export interface ReadTextOptions {
  readonly title: string;
  readonly about?: readonly StyledLine[];
  /** What stands there at first. */
  readonly text?: string;
  /** Shown as dots, kept out of every history. */
  readonly isSecret?: boolean;
}

/** A text to write. Enter takes it, Esc gives null. */
export function readTextDialog(options: ReadTextOptions): Dialog<string | null> {
  return new ReadText(options, setText(EMPTY_EDITOR, options.text ?? ""));
}

class ReadText implements Dialog<string | null> {
  readonly #options: ReadTextOptions;
  readonly #editor: EditorState;

  constructor(options: ReadTextOptions, editor: EditorState) {
    this.#options = options;
    this.#editor = editor;
  }

  render({ columns }: ScreenSize, isSettling = false): LiveArea {
    const { title, about = [], isSecret } = this.#options;
    const { text, cursor } = this.#editor;
    const shown = isSecret ? "•".repeat(text.length) : text;
    const rows = layOut(shown, columns - 3);
    const place = placeOf(shown, rows, cursor);
    const lines = rows.map(
      ({ start, end }, at): StyledLine => ({
        spans: [{ text: at === 0 ? "› " : "  ", ink: "accent" }, { text: safeLine(shown.slice(start, end)) }],
      }),
    );
    const head: StyledLine = { spans: [{ text: title, bold: true }] };
    const footer: StyledLine = {
      spans: [{ text: isSettling ? SETTLING : "Enter take · Esc cancel", ink: "muted" }],
    };
    return {
      lines: [head, ...about, ...lines, footer],
      cursor: { row: 1 + about.length + place.row, column: 2 + place.column },
    };
  }

  press(event: KeyEvent): DialogStep<string | null> {
    if (event.type === "key" && event.key === "enter" && !event.shift && !event.alt) {
      return { kind: "done", value: this.#editor.text };
    }
    if (event.type === "key" && (event.key === "escape" || isCtrlC(event)))
      return { kind: "done", value: null };
    const editor = pressInEditor(this.#editor, event) ?? this.#editor;
    return { kind: "open", dialog: new ReadText(this.#options, editor) };
  }

  plain(): PlainForm<string | null> {
    const { title, about = [], text = "", isSecret = false } = this.#options;
    const hint =
      text === "" ? "An empty line cancels." : `An empty line takes: ${safeLine(text)} · a dot cancels.`;
    return {
      lines: [title, ...about.map(plainText), ...(isSecret ? ["What you type is not shown."] : []), hint],
      isSecret,
      answer: (line) => ({ kind: "done", value: line === "." ? null : line === "" ? text || null : line }),
    };
  }
}

function isCtrlC(event: Extract<KeyEvent, { type: "key" }>): boolean {
  return event.ctrl && typeof event.key !== "string" && event.key.char === "c";
}
