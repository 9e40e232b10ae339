import type { BackgroundReport, KeyEvent, Modifiers, NamedKey } from "./key-event.ts";

const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** Longer than any sequence a terminal sends for a key; what goes on is not one. */
const LONGEST_SEQUENCE = 64;
/** Longer than any answer of a terminal to a question; what goes on is not one. */
const LONGEST_ANSWER = 4096;

/**
 * Turns what a terminal sends into key events: xterm's sequences, the kitty keyboard protocol, modifyOtherKeys, bracketed
 * paste and focus reports. Bytes may be split anywhere. A lone ESC may be a key or the beginning of a sequence: `flush`,
 * called when nothing has followed for a moment, says that it was a key. Answers of the terminal to questions are taken
 * whole, however slowly they come, and are never text.
 */
export class KeyDecoder {
  readonly #utf8 = new TextDecoder("utf-8");
  #pending = "";
  /** The parts of a paste that goes on; joined once, at its end. */
  #paste: string[] | null = null;
  readonly #onBackground: (report: BackgroundReport) => void;

  constructor(onBackground: (report: BackgroundReport) => void = () => undefined) {
    this.#onBackground = onBackground;
  }

  /** Whether `flush` would give something. */
  get isWaiting(): boolean {
    return this.#paste === null && this.#pending !== "" && !isBegunAnswer(this.#pending);
  }

  decode(bytes: Uint8Array): KeyEvent[] {
    this.#pending += this.#utf8.decode(bytes, { stream: true });
    const events: KeyEvent[] = [];
    while (this.#pending !== "") {
      const taken = this.#paste === null ? this.#takeKeys(events) : this.#takePaste(events);
      if (!taken) break;
    }
    return events;
  }

  flush(): KeyEvent[] {
    if (!this.isWaiting) return [];
    const [first, ...rest] = this.#pending;
    this.#pending = "";
    if (first !== "\x1b") return [];
    const after = rest.join("");
    if (after.length === 1 && isStringKind(after)) return [altKey(after)];
    return [named("escape"), ...(after === "" ? [] : textEvents(after))];
  }

  #takePaste(events: KeyEvent[]): boolean {
    const parts = this.#paste ?? [];
    const end = this.#pending.indexOf(PASTE_END);
    if (end === -1) {
      // The end mark itself may be split.
      const kept = Math.max(0, this.#pending.length - PASTE_END.length + 1);
      parts.push(this.#pending.slice(0, kept));
      this.#pending = this.#pending.slice(kept);
      return false;
    }
    parts.push(this.#pending.slice(0, end));
    this.#pending = this.#pending.slice(end + PASTE_END.length);
    this.#paste = null;
    events.push({ type: "paste", text: parts.join("").replace(/\r\n?/g, "\n") });
    return true;
  }

  /** Takes the next key or run of text; false when more bytes are needed. */
  #takeKeys(events: KeyEvent[]): boolean {
    const text = this.#pending;
    if (text.startsWith(PASTE_BEGIN)) {
      this.#pending = text.slice(PASTE_BEGIN.length);
      this.#paste = [];
      return true;
    }
    if (text[0] !== "\x1b") {
      const end = text.indexOf("\x1b");
      const run = end === -1 ? text : text.slice(0, end);
      events.push(...textEvents(run));
      this.#pending = text.slice(run.length);
      return true;
    }
    const sequence = sequenceOf(text);
    if (sequence === null) return false;
    this.#pending = text.slice(sequence.length);
    if (sequence.length > 2 && isStringKind(sequence[1] ?? "")) {
      const background = backgroundOf(sequence);
      if (background !== null) this.#onBackground(background);
      return true;
    }
    const event = eventOf(sequence);
    if (event !== null) events.push(event);
    return true;
  }
}

/** The sequence at the beginning of a text that begins with ESC; null when its end is not there yet. */
function sequenceOf(text: string): string | null {
  if (text.length === 1) return null;
  const kind = text[1] ?? "";
  if (kind === "[") {
    const match = CSI.exec(text);
    if (match) return match[0];
    return text.length > LONGEST_SEQUENCE ? text.slice(0, 2) : null;
  }
  if (isStringKind(kind)) {
    const end = STRING_END.exec(text);
    if (end) return text.slice(0, end.index + end[0].length);
    return text.length > LONGEST_ANSWER ? text : null;
  }
  if (kind === "O") return text.length < 3 ? null : text.slice(0, 3);
  if (kind === "\x1b") return "\x1b";
  return `\x1b${String.fromCodePoint(text.codePointAt(1) ?? 0)}`;
}

/** OSC, DCS, APC, PM and SOS: a text that goes on until it is ended. */
function isStringKind(kind: string): boolean {
  return "]P_^X".includes(kind);
}

/** A letter with Alt begins as these do, but nothing follows it. */
function isBegunAnswer(text: string): boolean {
  return text.length > 2 && text[0] === "\x1b" && isStringKind(text[1] ?? "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this finds
const STRING_END = /\x07|\x1b\\/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this finds
const CSI = /^\x1b\[[0-?]*[ -/]*[@-~]/;
const FINAL_KEYS: Readonly<Record<string, NamedKey>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};
const TILDE_KEYS: Readonly<Record<number, NamedKey>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageUp",
  6: "pageDown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};
const CODE_KEYS: Readonly<Record<number, NamedKey>> = {
  8: "backspace",
  9: "tab",
  13: "enter",
  27: "escape",
  127: "backspace",
  57414: "enter",
};

/** Null for what is not a key: answers to questions that nobody asked, releases of keys, mice. */
function eventOf(sequence: string): KeyEvent | null {
  if (sequence === "\x1b") return named("escape");
  const kind = sequence[1];
  if (kind === "O") return keyOrNull(FINAL_KEYS[sequence[2] ?? ""], 1);
  if (kind !== "[") return altKey(sequence.slice(1));
  const final = sequence.at(-1) ?? "";
  const fields = sequence
    .slice(2, -1)
    .split(";")
    .map((field) => field.split(":").map(Number));
  const code = fields[0]?.[0] ?? 0;
  const modifiers = fields[1]?.[0] || 1;
  if (fields[1]?.[1] === 3) return null;
  switch (final) {
    case "I":
    case "O":
      return { type: "focus", focused: final === "I" };
    case "Z":
      return { type: "key", key: "tab", ...modifiersOf(1), shift: true };
    case "u":
      return codeKey(code, modifiers, fields[2]);
    case "~":
      return code === 27 ? codeKey(fields[2]?.[0] ?? 0, modifiers) : keyOrNull(TILDE_KEYS[code], modifiers);
    default:
      return keyOrNull(FINAL_KEYS[final], modifiers);
  }
}

/** The background's colour, which we ask for; nothing else is. */
function backgroundOf(sequence: string): BackgroundReport | null {
  const colour = BACKGROUND.exec(sequence.slice(2).replace(STRING_END, ""));
  if (!colour) return null;
  const [red = 0, green = 0, blue = 0] = colour
    .slice(1)
    .map((part) => Number.parseInt(part, 16) / (16 ** part.length - 1));
  return { type: "background", red, green, blue };
}

/** Parts of one to four hexadecimal digits, as X11 writes colours. */
const BACKGROUND = /^11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})(?:\/[0-9a-f]{1,4})?$/i;

function keyOrNull(key: NamedKey | undefined, modifiers: number): KeyEvent | null {
  return key === undefined ? null : { type: "key", key, ...modifiersOf(modifiers) };
}

/** A key by the code point of its sign, as the kitty protocol and modifyOtherKeys send it. */
function codeKey(code: number, modifiers: number, typed?: readonly number[]): KeyEvent | null {
  const known = CODE_KEYS[code];
  if (known !== undefined) return keyOrNull(known, modifiers);
  // Kitty numbers keys without a sign in this private area; those that we know are above.
  if (code < 32 || code > 0x10ffff || (code >= 57344 && code <= 63743)) return null;
  const held = modifiersOf(modifiers);
  if (held.ctrl || held.alt) {
    return { type: "key", key: { char: String.fromCodePoint(code).toLowerCase() }, ...held };
  }
  const text = typed?.length
    ? String.fromCodePoint(...typed.filter((point) => point >= 32 && point <= 0x10ffff))
    : "";
  return { type: "text", text: text || String.fromCodePoint(code) };
}

function altKey(text: string): KeyEvent {
  const [event] = textEvents(text);
  if (event?.type === "key") return { ...event, alt: true };
  return { type: "key", key: { char: text.toLowerCase() }, ...modifiersOf(1), alt: true };
}

const CONTROL_KEYS: Readonly<Record<string, NamedKey>> = {
  "\r": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
};

/** Text as it is typed: printable characters together, control characters as the keys that send them. */
function textEvents(text: string): KeyEvent[] {
  const events: KeyEvent[] = [];
  let run = "";
  const endRun = () => {
    if (run !== "") events.push({ type: "text", text: run });
    run = "";
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 32 && code !== 127) {
      run += character;
      continue;
    }
    endRun();
    const key = CONTROL_KEYS[character];
    events.push(key === undefined ? controlLetter(code) : named(key));
  }
  endRun();
  return events;
}

/** Ctrl with a letter or a sign sends a code below 32: 1 is Ctrl-A. */
function controlLetter(code: number): KeyEvent {
  const char = code === 0 ? " " : String.fromCharCode(code + 64).toLowerCase();
  return { type: "key", key: { char }, ...modifiersOf(1), ctrl: true };
}

function named(key: NamedKey): KeyEvent {
  return { type: "key", key, ...modifiersOf(1) };
}

/** One more than a sum of 1 for Shift, 2 for Alt, 4 for Ctrl, 8 for Super and so on. */
function modifiersOf(code: number): Modifiers {
  const bits = code - 1;
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
}
