import { characterAfter, characterBefore, lineEnd, lineStart } from "./editor.ts";

/** Where a motion leads, and what an operator takes with it. */
export interface Motion {
  readonly to: number;
  /** Whole lines, from that of the cursor to that of `to`. */
  readonly isLinewise: boolean;
  /** The character at `to` belongs to it. */
  readonly isInclusive: boolean;
}

/** A motion of vi from a place in a text; null when the key is none. `count` is null when none was typed. */
export function motionOf(key: string, text: string, at: number, count: number | null): Motion | null {
  const times = Math.min(count ?? 1, text.length + 1);
  const plain = (to: number): Motion => ({ to, isLinewise: false, isInclusive: false });
  const lines = (to: number): Motion => ({ to, isLinewise: true, isInclusive: false });
  const repeat = (step: (from: number) => number): number => {
    let to = at;
    for (let done = 0; done < times; done += 1) to = step(to);
    return to;
  };
  switch (key) {
    case "h":
      return plain(repeat((from) => Math.max(lineStart(text, at), characterBefore(text, from))));
    case "l":
    case " ":
      return plain(repeat((from) => Math.min(lineEnd(text, at), characterAfter(text, from))));
    case "j":
      return lines(repeat((from) => down(text, from)));
    case "k":
      return lines(repeat((from) => up(text, from)));
    case "w":
      return plain(repeat((from) => nextWord(text, from)));
    case "b":
      return plain(repeat((from) => wordStart(text, from)));
    case "e":
      return { to: repeat((from) => wordEnd(text, from)), isLinewise: false, isInclusive: true };
    case "0":
      return plain(lineStart(text, at));
    case "^":
      return plain(firstOfLine(text, at));
    case "$":
      return plain(lineEnd(text, at));
    case "gg":
      return lines(lineNumbered(text, count ?? 1));
    case "G":
      return lines(count === null ? lineStart(text, text.length) : lineNumbered(text, count));
    default:
      return null;
  }
}

/** The first character of a line that is no space. */
export function firstOfLine(text: string, at: number): number {
  const start = lineStart(text, at);
  const indent = /^[ \t]*/.exec(text.slice(start, lineEnd(text, at)))?.[0].length ?? 0;
  return start + indent;
}

/** Where a line begins, counted from 1; the last one when there are fewer. */
function lineNumbered(text: string, number: number): number {
  let start = 0;
  for (let line = 1; line < number; line += 1) {
    const end = lineEnd(text, start);
    if (end === text.length) break;
    start = end + 1;
  }
  return start;
}

function down(text: string, at: number): number {
  const end = lineEnd(text, at);
  if (end === text.length) return at;
  return Math.min(end + 1 + at - lineStart(text, at), lineEnd(text, end + 1));
}

function up(text: string, at: number): number {
  const start = lineStart(text, at);
  if (start === 0) return at;
  const before = lineStart(text, start - 1);
  return Math.min(before + at - start, start - 1);
}

type Kind = "word" | "sign" | "space";

function kindAt(text: string, at: number): Kind {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 32);
  if (/\s/.test(character)) return "space";
  return /[\p{L}\p{N}_]/u.test(character) ? "word" : "sign";
}

function nextWord(text: string, from: number): number {
  let at = from;
  const kind = kindAt(text, at);
  while (at < text.length && kind !== "space" && kindAt(text, at) === kind) at = characterAfter(text, at);
  while (at < text.length && kindAt(text, at) === "space") at = characterAfter(text, at);
  return at;
}

function wordStart(text: string, from: number): number {
  let at = characterBefore(text, from);
  while (at > 0 && kindAt(text, at) === "space") at = characterBefore(text, at);
  const kind = kindAt(text, at);
  while (at > 0 && kindAt(text, characterBefore(text, at)) === kind) at = characterBefore(text, at);
  return at;
}

/** On the last character of the word that ends next. */
function wordEnd(text: string, from: number): number {
  let at = characterAfter(text, from);
  while (at < text.length && kindAt(text, at) === "space") at = characterAfter(text, at);
  const kind = kindAt(text, at);
  for (;;) {
    const next = characterAfter(text, at);
    if (next >= text.length || kindAt(text, next) !== kind) return Math.min(at, text.length);
    at = next;
  }
}
