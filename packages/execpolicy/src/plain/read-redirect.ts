import type { PlainRedirect } from "./plain-command.ts";
import { NotPlain, readWord } from "./read-word.ts";

/** The forms that touch no file but the null device, longest first. */
const FIXED: readonly (readonly [RegExp, PlainRedirect])[] = [
  [/^2>&1/, { kind: "merge", from: "2", to: "1" }],
  [/^1?>&2/, { kind: "merge", from: "1", to: "2" }],
  [/^2>>?[ \t]*\/dev\/null/, { kind: "discard", fd: "2" }],
  [/^1?>>?[ \t]*\/dev\/null/, { kind: "discard", fd: "1" }],
  [/^&>>?[ \t]*\/dev\/null/, { kind: "discard", fd: "both" }],
];
const MAY_START = /[<>&0-9]/;
const LONGEST_FIXED = 64;

/**
 * Reads a redirection at `at`, or gives null when no redirection starts there. The caller stands at the start of
 * a word, so digits before `>` are a descriptor here.
 */
export function readPlainRedirect(text: string, at: number): { redirect: PlainRedirect; end: number } | null {
  const first = text.charAt(at);
  if (!MAY_START.test(first)) return null;
  const window = text.slice(at, at + LONGEST_FIXED);
  for (const [form, redirect] of FIXED) {
    const match = form.exec(window);
    if (!match) continue;
    const end = at + match[0].length;
    if (!endsWord(text, end)) throw new NotPlain("a redirection to a file", at);
    return { redirect, end };
  }
  if (first === "<") return readInput(text, at + 1);
  if (/^(?:&|[0-9]*[<>])/.test(window)) throw new NotPlain("a redirection or background operator", at);
  return null;
}

function endsWord(text: string, at: number): boolean {
  const char = text[at];
  return char === undefined || /[ \t\n;|]/.test(char) || text.startsWith("&&", at);
}

function readInput(text: string, start: number): { redirect: PlainRedirect; end: number } {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at += 1;
  if (/[<>&(]/.test(text.charAt(at))) throw new NotPlain("a redirection other than reading a file", at);
  const { word, end } = readWord(text, at);
  if (end === at || !endsWord(text, end)) throw new NotPlain("a redirection without a plain file name", at);
  if (word.glob) throw new NotPlain("a pattern as the file of a redirection", at);
  return { redirect: { kind: "input", path: word }, end };
}
