import type { KeyEvent, NamedKey } from "./key-event.ts";

/** A key with what is held beside it, in one spelling: `ctrl-t`, `alt-up`, `shift-enter`, `f4`. */
export type Chord = string;

const NAMED: Readonly<Record<string, NamedKey>> = {
  enter: "enter",
  return: "enter",
  tab: "tab",
  escape: "escape",
  esc: "escape",
  backspace: "backspace",
  delete: "delete",
  del: "delete",
  insert: "insert",
  up: "up",
  down: "down",
  left: "left",
  right: "right",
  home: "home",
  end: "end",
  pageup: "pageUp",
  "page-up": "pageUp",
  pgup: "pageUp",
  pagedown: "pageDown",
  "page-down": "pageDown",
  pgdn: "pageDown",
};
const MODIFIERS: Readonly<Record<string, "ctrl" | "alt" | "shift">> = {
  ctrl: "ctrl",
  control: "ctrl",
  alt: "alt",
  option: "alt",
  meta: "alt",
  shift: "shift",
};

/** The chord of a key that was pressed; null for text, pastes and focus. */
export function chordOf(event: KeyEvent): Chord | null {
  if (event.type !== "key") return null;
  const key = typeof event.key === "string" ? event.key : event.key.char;
  return spelled(key, event);
}

/** The chord that somebody wrote, or what is wrong with it, in words. */
export function parseChord(written: string): { chord: Chord } | { problem: string } {
  const text = written.trim().toLowerCase();
  if (/\s/.test(text)) return { problem: "one key at a time; sequences of keys are not known here" };
  let rest = text;
  const held = { ctrl: false, alt: false, shift: false };
  for (;;) {
    const match = /^([a-z]+)[-+](?=.)/.exec(rest);
    const modifier = MODIFIERS[match?.[1] ?? ""];
    if (match === null || modifier === undefined) break;
    held[modifier] = true;
    rest = rest.slice(match[0].length);
  }
  const named = NAMED[rest] ?? (/^f([1-9]|1[0-2])$/.test(rest) ? rest : null);
  if (named !== null) return { chord: spelled(named, held) };
  const char = rest === "space" ? " " : rest === "minus" ? "-" : rest;
  if ([...char].length !== 1) return { problem: `there is no key "${rest}"` };
  if (!held.ctrl && !held.alt)
    return { problem: "a letter or sign needs ctrl or alt, since alone it is text" };
  return { chord: spelled(char, held) };
}

/** For people: `Ctrl-T`, `Alt-Up`. */
export function chordText(chord: Chord): string {
  if (chord === " ") return "Space";
  return chord
    .split(/(?<=[a-z])-(?=.)/)
    .map((part) => (part === " " ? "Space" : part.charAt(0).toUpperCase() + part.slice(1)))
    .join("-");
}

function spelled(key: string, { ctrl, alt, shift }: { ctrl: boolean; alt: boolean; shift: boolean }): Chord {
  return `${ctrl ? "ctrl-" : ""}${alt ? "alt-" : ""}${shift ? "shift-" : ""}${key}`;
}
