import { type Chord, chordOf, chordText, parseChord } from "./chord.ts";
import type { KeyEvent } from "./key-event.ts";

interface ActionFacts {
  readonly help: string;
  readonly keys: readonly Chord[];
}

/** Everything that a key can be given for, with Codex's names where Codex has the same, and the keys without a setting. */
export const ACTIONS = {
  submit: { help: "send; while the agent works, tell it now", keys: ["enter"] },
  queue: { help: "send when the agent is done", keys: ["tab"] },
  insert_newline: {
    help: "new line; also a backslash before Enter",
    keys: ["shift-enter", "alt-enter", "ctrl-enter", "ctrl-j"],
  },
  interrupt: { help: "empty the line, then interrupt, then leave", keys: ["ctrl-c"] },
  quit: { help: "leave, when nothing is written", keys: ["ctrl-d"] },
  suspend: { help: "back to the shell; fg comes back here", keys: ["ctrl-z"] },
  edit_queued_message: { help: "take the last queued message back to change it", keys: ["alt-up"] },
  paste_image: { help: "paste a picture", keys: ["ctrl-v"] },
  open_external_editor: { help: "write in your own editor", keys: ["ctrl-g"] },
  history_search_previous: { help: "search earlier inputs", keys: ["ctrl-r"] },
  open_transcript: { help: "the whole thread, unfolded", keys: ["ctrl-t"] },
  next_thread: { help: "another thread of this window", keys: ["f6", "alt-n"] },
  toggle_vim_mode: { help: "keys of vi in the composer, or not", keys: [] },
  move_up: { help: "line up, or an earlier input", keys: ["up"] },
  move_down: { help: "line down, or a later input", keys: ["down"] },
  move_left: { help: "character left", keys: ["left", "ctrl-b"] },
  move_right: { help: "character right", keys: ["right", "ctrl-f"] },
  move_word_left: { help: "word left", keys: ["alt-b", "ctrl-left", "alt-left"] },
  move_word_right: { help: "word right", keys: ["alt-f", "ctrl-right", "alt-right"] },
  move_line_start: { help: "beginning of the line", keys: ["home", "ctrl-a"] },
  move_line_end: { help: "end of the line", keys: ["end", "ctrl-e"] },
  move_text_start: { help: "beginning of the text", keys: ["ctrl-home"] },
  move_text_end: { help: "end of the text", keys: ["ctrl-end"] },
  delete_backward: { help: "delete a character", keys: ["backspace", "ctrl-h"] },
  delete_forward: { help: "delete the character under the cursor", keys: ["delete"] },
  delete_backward_word: { help: "cut the word before", keys: ["ctrl-w", "ctrl-backspace", "alt-backspace"] },
  delete_forward_word: { help: "cut the word after", keys: ["alt-d", "ctrl-delete", "alt-delete"] },
  kill_line_start: { help: "cut to the beginning of the line", keys: ["ctrl-u"] },
  kill_line_end: { help: "cut to the end of the line", keys: ["ctrl-k"] },
  yank: { help: "put back what was cut", keys: ["ctrl-y"] },
  undo: { help: "undo", keys: ["ctrl-_"] },
  redo: { help: "redo", keys: ["alt-z", "ctrl-shift-z"] },
} as const satisfies Record<string, ActionFacts>;

export type Action = keyof typeof ACTIONS;

/** Which key does what. */
export interface Keymap {
  /** What a key does in the composer; null when nothing. */
  actionOf(event: KeyEvent): Action | null;
  /** The keys of an action, those of the settings first. */
  keysOf(action: Action): readonly Chord[];
  /** What is wrong with the settings, and which default keys they took away, a line each. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** Without a key of its own nothing could be sent, or ended. */
const NEEDED = ["submit", "interrupt"] as const;

/**
 * The keys as `[tui.keymap]` of config.toml says: `action = "key"` or a list of keys, an empty list for none; what is not
 * named keeps its own. Tables inside, as Codex has them by context, count as if they were not there. What is wrong is
 * left out and reported.
 */
export function buildKeymap(settings: unknown): Keymap {
  const problems: string[] = [];
  const notes: string[] = [];
  const chosen = chosenKeys(settings, problems);
  const byChord = new Map<Chord, Action>();
  for (const [action, chords] of chosen) {
    for (const chord of chords) {
      const other = byChord.get(chord);
      if (other === undefined) byChord.set(chord, action);
      else if (other !== action)
        problems.push(`${chordText(chord)} is given to both ${other} and ${action}; ${other} has it`);
    }
  }
  for (const action of actionNames()) {
    if (chosen.has(action)) continue;
    for (const chord of ACTIONS[action].keys) {
      const other = byChord.get(chord);
      if (other === undefined) byChord.set(chord, action);
      else notes.push(`${chordText(chord)} is ${other} now, and no longer ${action}`);
    }
  }
  // Twice, since the key that one gets back may have been the only one of the other.
  for (const action of [...NEEDED, ...NEEDED]) giveBack(action, byChord, problems);
  return {
    actionOf: (event) => actionOf(byChord, event),
    keysOf: (action) => [...byChord].filter(([, of]) => of === action).map(([chord]) => chord),
    problems,
    notes,
  };
}

/** The keys without a setting. */
export const DEFAULT_KEYMAP: Keymap = buildKeymap({});

export function actionNames(): Action[] {
  // The keys of a constant are exactly its type's.
  return Object.keys(ACTIONS) as Action[];
}

function isAction(name: string): name is Action {
  return Object.hasOwn(ACTIONS, name);
}

/** Shift beside an arrow and the like means nothing of its own where nothing is said of it. */
function actionOf(byChord: ReadonlyMap<Chord, Action>, event: KeyEvent): Action | null {
  const chord = chordOf(event);
  if (chord === null) return null;
  const found = byChord.get(chord);
  if (found !== undefined || event.type !== "key" || !event.shift) return found ?? null;
  if (typeof event.key !== "string" || event.key === "tab" || event.key === "enter") return null;
  return byChord.get(chordOf({ ...event, shift: false }) ?? "") ?? null;
}

function chosenKeys(settings: unknown, problems: string[]): Map<Action, Chord[]> {
  const chosen = new Map<Action, Chord[]>();
  for (const [name, value] of entriesOf(settings)) {
    if (!isAction(name)) {
      problems.push(`tui.keymap has no action "${name}"; /keymap lists them`);
      continue;
    }
    const written: unknown[] = Array.isArray(value) ? value : [value];
    const chords: Chord[] = [];
    for (const one of written) {
      const parsed = typeof one === "string" ? parseChord(one) : { problem: "it must be a text" };
      if ("chord" in parsed) chords.push(parsed.chord);
      else problems.push(`tui.keymap.${name} = ${JSON.stringify(one)}: ${parsed.problem}`);
    }
    // An action whose every key is wrong keeps the keys it has.
    if (chords.length > 0 || written.length === 0) chosen.set(name, chords);
  }
  return chosen;
}

function entriesOf(settings: unknown): [string, unknown][] {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return [];
  return Object.entries(settings).flatMap(([name, value]): [string, unknown][] =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !isAction(name)
      ? Object.entries(value)
      : [[name, value]],
  );
}

function giveBack(action: (typeof NEEDED)[number], byChord: Map<Chord, Action>, problems: string[]): void {
  if ([...byChord.values()].includes(action)) return;
  const [chord] = ACTIONS[action].keys;
  problems.push(`tui.keymap leaves ${action} without a key; it keeps ${chordText(chord)}`);
  byChord.set(chord, action);
}
