import type { KeyEvent } from "../keys/key-event.ts";
import {
  characterAfter,
  characterBefore,
  type EditorState,
  insert,
  lineEnd,
  lineStart,
  moveTo,
  redo,
  remove,
  undo,
} from "./editor.ts";
import { pressInEditor } from "./editor-keys.ts";
import { firstOfLine, type Motion, motionOf } from "./vim-motions.ts";

/** Keys of vi in the composer: insert and normal mode, counts, d c y with motions, and `.`; no visual mode. */
export interface VimState {
  readonly mode: "insert" | "normal";
  /** What was typed of a command that is not complete: a count, an operator, `g`, `r`. */
  readonly pending: string;
  /** What was cut or copied last are whole lines. */
  readonly isLinewise: boolean;
  /** The keys of the last change, for `.`, and those of the one that goes on. */
  readonly lastChange: readonly KeyEvent[];
  readonly recording: readonly KeyEvent[] | null;
}

export const VIM_INSERT: VimState = {
  mode: "insert",
  pending: "",
  isLinewise: false,
  lastChange: [],
  recording: null,
};

export interface VimStep {
  readonly editor: EditorState;
  readonly vim: VimState;
  /** False: the key means what it means without vi. */
  readonly isHandled: boolean;
}

/** The editor and its mode after a key. */
export function pressInVim(editor: EditorState, vim: VimState, event: KeyEvent): VimStep {
  if (vim.mode === "insert") return pressInInsert(editor, vim, event);
  if (event.type === "text") {
    let step: VimStep = { editor, vim, isHandled: true };
    for (const character of event.text) step = pressNormal(step.editor, step.vim, character);
    return step;
  }
  if (event.type === "key") {
    if (event.key === "escape" && vim.pending !== "")
      return { editor, vim: { ...vim, pending: "" }, isHandled: true };
    if (event.ctrl && typeof event.key !== "string" && event.key.char === "r")
      return { editor: resting(redo(editor)), vim, isHandled: true };
    if (event.key === "backspace") return pressNormal(editor, vim, "h");
  }
  return { editor, vim, isHandled: false };
}

function pressInInsert(editor: EditorState, vim: VimState, event: KeyEvent): VimStep {
  const recording = vim.recording === null ? null : [...vim.recording, event];
  if (event.type !== "key" || event.key !== "escape")
    return { editor, vim: { ...vim, recording }, isHandled: false };
  const at = Math.max(lineStart(editor.text, editor.cursor), characterBefore(editor.text, editor.cursor));
  const lastChange = recording ?? vim.lastChange;
  return {
    editor: resting(moveTo(editor, at)),
    vim: { ...vim, mode: "normal", pending: "", recording: null, lastChange },
    isHandled: true,
  };
}

/** One character in normal mode. */
function pressNormal(editor: EditorState, vim: VimState, character: string): VimStep {
  // What a character before it in the same run of text began may have led to insert mode.
  if (vim.mode === "insert") {
    const event: KeyEvent = { type: "text", text: character };
    const recording = vim.recording === null ? null : [...vim.recording, event];
    return { editor: insert(editor, character), vim: { ...vim, recording }, isHandled: true };
  }
  const typed = vim.pending + character;
  const parsed = parseCommand(typed);
  if (parsed === "incomplete") return { editor, vim: { ...vim, pending: typed }, isHandled: true };
  const idle: VimState = { ...vim, pending: "" };
  if (parsed === null) return { editor, vim: idle, isHandled: true };
  if (parsed.key === ".") return repeatChange(editor, idle, parsed.count ?? 1);
  const done = run(editor, idle, parsed);
  const keys: KeyEvent[] = [{ type: "text", text: typed }];
  const isChange = parsed.key !== "u" && done.editor.text !== editor.text;
  const next: VimState =
    done.vim.mode === "insert"
      ? { ...done.vim, recording: keys }
      : isChange
        ? { ...done.vim, lastChange: keys }
        : done.vim;
  return {
    editor: next.mode === "insert" ? done.editor : resting(done.editor),
    vim: next,
    isHandled: true,
  };
}

function repeatChange(editor: EditorState, vim: VimState, times: number): VimStep {
  const { lastChange } = vim;
  let step: VimStep = { editor, vim, isHandled: true };
  for (let done = 0; done < Math.min(times, 100); done += 1) {
    for (const event of lastChange) {
      const next = pressInVim(step.editor, step.vim, event);
      step = next.isHandled ? next : { ...next, editor: pressInEditor(next.editor, event) ?? next.editor };
    }
  }
  return { editor: step.editor, vim: { ...step.vim, lastChange }, isHandled: true };
}

interface Command {
  readonly count: number | null;
  readonly operator: "d" | "c" | "y" | null;
  /** A motion, a command, `r` with its character, or the operator again for whole lines. */
  readonly key: string;
}

const COMMAND = /^(\d*?)(?:([dcy])(\d*))?(gg|r[\s\S]|[\s\S])$/;

/** Null for what is no command. */
function parseCommand(typed: string): Command | "incomplete" | null {
  const counted = /^(?:[1-9]\d*)?(?:[dcy](?:[1-9]\d*)?)?/.exec(typed)?.[0] ?? "";
  const rest = typed.slice(counted.length);
  if (rest === "" || rest === "g" || rest === "r") return "incomplete";
  const match = COMMAND.exec(typed);
  if (match === null) return null;
  const [, before = "", operator, after = "", key = ""] = match;
  const counts = [before, after].filter((text) => text !== "").map(Number);
  return {
    count:
      counts.length === 0
        ? null
        : Math.min(
            counts.reduce((product, count) => product * count),
            10_000,
          ),
    operator: operator === "d" || operator === "c" || operator === "y" ? operator : null,
    key,
  };
}

type Done = Pick<VimStep, "editor" | "vim">;

function run(editor: EditorState, vim: VimState, command: Command): Done {
  const { text, cursor } = editor;
  const { operator, key, count } = command;
  if (operator !== null) return operate(editor, vim, command, operator);
  const motion = motionOf(key, text, cursor, count);
  if (motion !== null) return { editor: moveTo(editor, motion.to), vim };
  const inserting = (next: EditorState): Done => ({ editor: next, vim: { ...vim, mode: "insert" } });
  const again = (as: string, over: "d" | "c") => operate(editor, vim, { ...command, key: as }, over);
  if (key.startsWith("r") && key.length > 1)
    return { editor: replaced(editor, key.slice(1), count ?? 1), vim };
  switch (key) {
    case "i":
      return inserting(editor);
    case "I":
      return inserting(moveTo(editor, firstOfLine(text, cursor)));
    case "a":
      return inserting(moveTo(editor, Math.min(lineEnd(text, cursor), characterAfter(text, cursor))));
    case "A":
      return inserting(moveTo(editor, lineEnd(text, cursor)));
    case "o":
      return inserting(insert(moveTo(editor, lineEnd(text, cursor)), "\n"));
    case "O": {
      const start = lineStart(text, cursor);
      return inserting(moveTo(insert(moveTo(editor, start), "\n"), start));
    }
    case "x":
      return again("l", "d");
    case "D":
      return again("$", "d");
    case "C":
      return again("$", "c");
    case "p":
    case "P":
      return { editor: put(editor, vim, key === "p", count ?? 1), vim };
    case "u":
      return { editor: undo(editor), vim };
    default:
      return { editor, vim };
  }
}

/** d, c or y over a motion, or over whole lines when it is typed twice. */
function operate(editor: EditorState, vim: VimState, command: Command, operator: "d" | "c" | "y"): Done {
  const { text, cursor } = editor;
  const { key, count } = command;
  const isLines = key === operator;
  // On a word, cw is ce: the space behind it stays.
  const isWordChange = operator === "c" && key === "w" && /\S/.test(text[cursor] ?? " ");
  const motion: Motion | null = isLines
    ? { ...(motionOf("j", text, cursor, (count ?? 1) - 1) ?? NOWHERE), isLinewise: true }
    : motionOf(isWordChange ? "e" : key, text, cursor, count);
  if (motion === null) return { editor, vim };
  const low = Math.min(cursor, motion.to);
  const high = Math.max(cursor, motion.to);
  if (motion.isLinewise) return operateOnLines(editor, vim, operator, low, high);
  // dw on the last word of a line takes the word and not the line's end.
  const end = motion.isInclusive
    ? characterAfter(text, high)
    : key === "w"
      ? Math.min(high, Math.max(lineEnd(text, cursor), low))
      : high;
  const cut = text.slice(low, end);
  const kept = cut === "" ? editor.cut : cut;
  const next = operator === "y" ? moveTo(editor, low) : remove(moveTo(editor, low), low, end, true);
  const mode = operator === "c" ? "insert" : "normal";
  return { editor: { ...next, cut: kept }, vim: { ...vim, mode, isLinewise: false } };
}

const NOWHERE: Motion = { to: 0, isLinewise: true, isInclusive: false };

function operateOnLines(
  editor: EditorState,
  vim: VimState,
  operator: "d" | "c" | "y",
  low: number,
  high: number,
): Done {
  const { text } = editor;
  const start = lineStart(text, low);
  const end = lineEnd(text, high);
  const cut = `${text.slice(start, end)}\n`;
  const kept = (next: EditorState, mode: VimState["mode"]): Done => ({
    editor: { ...next, cut },
    vim: { ...vim, mode, isLinewise: true },
  });
  if (operator === "y") return kept(moveTo(editor, low), "normal");
  if (operator === "c") return kept(remove(moveTo(editor, start), start, end, false), "insert");
  // The last line takes the line end before it along.
  const isLast = end === text.length;
  const from = isLast ? Math.max(0, start - 1) : start;
  const next = remove(moveTo(editor, from), from, isLast ? end : end + 1, false);
  return kept(moveTo(next, firstOfLine(next.text, from)), "normal");
}

function put(editor: EditorState, vim: VimState, isAfter: boolean, count: number): EditorState {
  const { text, cursor, cut } = editor;
  if (cut === "") return editor;
  const copies = cut.repeat(Math.min(count, 100));
  if (!vim.isLinewise) {
    const at = isAfter ? Math.min(lineEnd(text, cursor), characterAfter(text, cursor)) : cursor;
    const next = insert(moveTo(editor, at), copies);
    return moveTo(next, characterBefore(next.text, at + copies.length));
  }
  const end = lineEnd(text, cursor);
  if (!isAfter) {
    const start = lineStart(text, cursor);
    return moveTo(insert(moveTo(editor, start), copies), start);
  }
  const isLast = end === text.length;
  const lines = isLast ? `\n${copies.slice(0, -1)}` : copies;
  return moveTo(insert(moveTo(editor, isLast ? end : end + 1), lines), end + 1);
}

function replaced(editor: EditorState, character: string, count: number): EditorState {
  const { text, cursor } = editor;
  let end = cursor;
  for (let done = 0; done < count; done += 1) {
    if (end >= lineEnd(text, cursor)) return editor;
    end = characterAfter(text, end);
  }
  const next = insert(remove(editor, cursor, end, false), character.repeat(count));
  return moveTo(next, characterBefore(next.text, cursor + character.length * count));
}

/** In normal mode the cursor stands on a character, never behind the last one of a line that has any. */
function resting(editor: EditorState): EditorState {
  const { text, cursor } = editor;
  const isBehind = cursor === lineEnd(text, cursor) && cursor > lineStart(text, cursor);
  return isBehind ? moveTo(editor, characterBefore(text, cursor)) : editor;
}
