import type { KeyEvent } from "../keys/key-event.ts";
import { type Action, DEFAULT_KEYMAP, type Keymap } from "../keys/keymap.ts";
import {
  type Attachment,
  attachedImage,
  droppedImage,
  expand,
  imageLabelIn,
  isLongPaste,
  pastedText,
} from "./attachments.ts";
import { type EditorState, EMPTY_EDITOR, insert, remove, setText } from "./editor.ts";
import { pressInEditor } from "./editor-keys.ts";
import { matching, type Suggestion, type SuggestionList, triggerAt } from "./suggestions.ts";
import { pressInVim, VIM_INSERT, type VimState } from "./vim.ts";

/** What a person has written and not sent. */
export interface ComposerState {
  readonly editor: EditorState;
  readonly attachments: readonly Attachment[];
  readonly suggestions: SuggestionList | null;
  /** Which of the earlier inputs is shown, counted from the newest, and what was being written before. */
  readonly recalled: { readonly index: number; readonly draft: string } | null;
  /** Null without the keys of vi. */
  readonly vim: VimState | null;
}

/** What was written, as it is sent. */
export interface Written {
  readonly text: string;
  /** Absolute paths. */
  readonly images: readonly string[];
}

/** What a key means for the rest of the program. */
export type ComposerAction =
  | { readonly kind: "send"; readonly written: Written }
  | { readonly kind: "queue"; readonly written: Written }
  /** Ctrl-C in an empty composer. */
  | { readonly kind: "interrupt" }
  /** Esc in an empty composer. */
  | { readonly kind: "escape" }
  /** Ctrl-D in an empty composer. */
  | { readonly kind: "quit" }
  | { readonly kind: "pasteImage" }
  | { readonly kind: "openEditor" }
  | { readonly kind: "searchHistory" }
  | { readonly kind: "openTranscript" }
  | { readonly kind: "nextThread" }
  | { readonly kind: "recallQueued" }
  | { readonly kind: "suspend" };

export interface ComposerStep {
  readonly state: ComposerState;
  readonly action: ComposerAction | null;
}

/** What the composer is told from outside at each key. */
export interface ComposerContext {
  /** Earlier inputs, newest first. */
  readonly history: readonly string[];
  /** Offered after a slash and after a dollar sign; files come later, by `withFiles`. */
  readonly commands: readonly Suggestion[];
  readonly skills: readonly Suggestion[];
  readonly keymap?: Keymap;
}

export const EMPTY_COMPOSER: ComposerState = {
  editor: EMPTY_EDITOR,
  attachments: [],
  suggestions: null,
  recalled: null,
  vim: null,
};

/** Nothing written, in the mode that writing begins in. */
function emptied({ vim }: ComposerState): ComposerState {
  return { ...EMPTY_COMPOSER, vim: vim === null ? null : { ...vim, ...FRESH } };
}

const FRESH = { mode: VIM_INSERT.mode, pending: "", recording: null };

/** With the keys of vi, or without. */
export function withVim(state: ComposerState, isOn: boolean): ComposerState {
  return { ...state, vim: isOn ? (state.vim ?? VIM_INSERT) : null };
}

/** The composer after a key, and what the key asks of the program. */
export function pressInComposer(
  state: ComposerState,
  event: KeyEvent,
  context: ComposerContext,
): ComposerStep {
  const chosen = state.suggestions?.isHidden === false ? pressInSuggestions(state, event, context) : null;
  if (chosen !== null) return chosen;
  if (state.vim === null) return pressWithout(state, event, context);
  const step = pressInVim(state.editor, state.vim, event);
  const next: ComposerState = { ...state, editor: step.editor, vim: step.vim };
  return step.isHandled ? edited(next, context) : pressWithout(next, event, context);
}

/** A key that the keys of vi do not concern. */
function pressWithout(state: ComposerState, event: KeyEvent, context: ComposerContext): ComposerStep {
  if (event.type === "paste") return pasted(state, event.text, context);
  const { keymap = DEFAULT_KEYMAP } = context;
  const action = keymap.actionOf(event);
  const own = action === null ? null : act(state, action, event, context);
  if (own !== null) return own;
  if (event.type === "key" && event.key === "escape" && state.editor.text === "")
    return { state, action: { kind: "escape" } };
  const editor = pressInEditor(state.editor, event, keymap);
  return editor === null ? { state, action: null } : edited({ ...state, editor }, context);
}

/** The files that were found for an `@` that is being written; of no use when something else stands there by now. */
export function withFiles(state: ComposerState, query: string, files: readonly Suggestion[]): ComposerState {
  const { suggestions } = state;
  if (suggestions?.trigger.sign !== "@" || suggestions.trigger.query !== query) return state;
  return { ...state, suggestions: { ...suggestions, items: files, chosen: 0 } };
}

/** The skills for a dollar sign that was written before they were known. */
export function withSkills(state: ComposerState, skills: readonly Suggestion[]): ComposerState {
  const { suggestions } = state;
  if (suggestions?.trigger.sign !== "$") return state;
  const items = matching(skills, suggestions.trigger.query);
  return { ...state, suggestions: { ...suggestions, items, chosen: 0 } };
}

export function withImage(state: ComposerState, path: string): ComposerState {
  return attach(state, attachedImage(path, state.attachments));
}

/** The pictures of a message that came back; a label that its text still holds goes on standing for its picture. */
export function withImages(state: ComposerState, paths: readonly string[]): ComposerState {
  let next = state;
  for (const path of paths) {
    const label = imageLabelIn(next.editor.text, path, next.attachments);
    if (label === null) next = withImage(next, path);
    else next = { ...next, attachments: [...next.attachments, { kind: "image", label, path }] };
  }
  return next;
}

/** Another text in place of what is there, as from an external editor; undo leads back. */
export function withText(state: ComposerState, text: string): ComposerState {
  return { ...state, editor: setText(state.editor, text), suggestions: null, recalled: null };
}

/** Whether a text is a command of the user's own rather than a message. */
export function isShellInput(text: string): boolean {
  return text.startsWith("!");
}

/** What an action does here; null for those of the editor. */
function act(
  state: ComposerState,
  action: Action,
  event: KeyEvent,
  context: ComposerContext,
): ComposerStep | null {
  const isEmpty = state.editor.text === "";
  const asks = (asked: ComposerAction): ComposerStep => ({ state, action: asked });
  switch (action) {
    case "submit":
      return submitted(state, "send");
    case "queue":
      return isEmpty ? null : submitted(state, "queue");
    case "interrupt":
      return isEmpty ? asks({ kind: "interrupt" }) : { state: cleared(state), action: null };
    case "quit":
      return isEmpty ? asks({ kind: "quit" }) : null;
    case "suspend":
      return asks({ kind: "suspend" });
    case "edit_queued_message":
      return asks({ kind: "recallQueued" });
    case "paste_image":
      return asks({ kind: "pasteImage" });
    case "open_external_editor":
      return asks({ kind: "openEditor" });
    case "history_search_previous":
      return asks({ kind: "searchHistory" });
    case "open_transcript":
      return asks({ kind: "openTranscript" });
    case "next_thread":
      return asks({ kind: "nextThread" });
    case "toggle_vim_mode":
      return { state: withVim(state, state.vim === null), action: null };
    case "move_up":
    case "move_down":
      return recall(state, action === "move_up" ? 1 : -1, event, context);
    default:
      return null;
  }
}

/** A backslash before Enter writes a new line, for terminals that send nothing else for Shift-Enter. */
function submitted(state: ComposerState, kind: "send" | "queue"): ComposerStep {
  const { text, cursor } = state.editor;
  if (kind === "send" && text[cursor - 1] === "\\") {
    const editor = insert(remove(state.editor, cursor - 1, cursor, false), "\n");
    return { state: { ...state, editor }, action: null };
  }
  const written = expand(text, state.attachments);
  if (written.text.trim() === "" && written.images.length === 0) return { state, action: null };
  return { state: emptied(state), action: { kind, written } };
}

/** What is thrown away can be had back by undo. */
function cleared(state: ComposerState): ComposerState {
  return { ...state, editor: setText(state.editor, ""), suggestions: null, recalled: null };
}

/** Up in the first line and down in the last walk through earlier inputs. */
function recall(
  state: ComposerState,
  by: 1 | -1,
  event: KeyEvent,
  context: ComposerContext,
): ComposerStep | null {
  const moved = pressInEditor(state.editor, event, context.keymap);
  if (moved !== null) return null;
  const index = (state.recalled?.index ?? -1) + by;
  const draft = state.recalled?.draft ?? state.editor.text;
  if (index >= context.history.length || (state.recalled === null && by < 0)) return { state, action: null };
  const text = index < 0 ? draft : (context.history[index] ?? "");
  const recalled = index < 0 ? null : { index, draft };
  return {
    state: { ...state, editor: setText(state.editor, text), recalled, suggestions: null },
    action: null,
  };
}

function pasted(state: ComposerState, text: string, context: ComposerContext): ComposerStep {
  const image = droppedImage(text);
  if (image !== null) return { state: withImage(state, image), action: null };
  if (isLongPaste(text)) return { state: attach(state, pastedText(text, state.attachments)), action: null };
  return edited({ ...state, editor: insert(state.editor, text) }, context);
}

function attach(state: ComposerState, attachment: Attachment): ComposerState {
  const editor = insert(state.editor, `${attachment.label} `);
  return { ...state, editor, attachments: [...state.attachments, attachment], suggestions: null };
}

/** After the text or the cursor has changed: what can be suggested now. */
function edited(state: ComposerState, context: ComposerContext): ComposerStep {
  const trigger = triggerAt(state.editor);
  if (trigger === null) return { state: { ...state, suggestions: null }, action: null };
  const before = state.suggestions;
  const isSame =
    before !== null && before.trigger.start === trigger.start && before.trigger.sign === trigger.sign;
  const items =
    trigger.sign === "@"
      ? isSame
        ? before.items
        : []
      : matching(trigger.sign === "/" ? context.commands : context.skills, trigger.query);
  const isHidden = isSame && before.isHidden && before.trigger.query === trigger.query;
  return { state: { ...state, suggestions: { trigger, items, chosen: 0, isHidden } }, action: null };
}

/** Null when the key does not concern the list. */
function pressInSuggestions(
  state: ComposerState,
  event: KeyEvent,
  context: ComposerContext,
): ComposerStep | null {
  const list = state.suggestions;
  if (list === null || event.type !== "key" || typeof event.key !== "string" || list.items.length === 0)
    return null;
  const choose = (by: number): ComposerStep => {
    const chosen = (list.chosen + by + list.items.length) % list.items.length;
    return { state: { ...state, suggestions: { ...list, chosen } }, action: null };
  };
  switch (event.key) {
    case "up":
      return choose(-1);
    case "down":
      return choose(1);
    case "escape":
      return { state: { ...state, suggestions: { ...list, isHidden: true } }, action: null };
    case "tab":
      return accept(state, list, "complete", context);
    case "enter":
      return event.shift || event.alt ? null : accept(state, list, "run", context);
    default:
      return null;
  }
}

function accept(
  state: ComposerState,
  list: SuggestionList,
  how: "complete" | "run",
  context: ComposerContext,
): ComposerStep {
  const item = list.items[list.chosen];
  if (item === undefined) return { state, action: null };
  const { sign, start, end } = list.trigger;
  const { text } = state.editor;
  const head = `${text.slice(0, start)}${sign}${item.value}`;
  const rest = text.slice(end);
  const isCommand = sign === "/" && rest.trim() === "";
  if (isCommand && how === "run" && item.isComplete) {
    return { state: emptied(state), action: { kind: "send", written: { text: head, images: [] } } };
  }
  const gap = rest.startsWith(" ") ? "" : " ";
  const editor = setText(state.editor, `${head}${gap}${rest}`, head.length + 1);
  return edited({ ...state, editor, suggestions: null }, context);
}
