// biome-ignore-all lint/suspicious/noControlCharactersInRegex: control characters are what this file is about
/** A piece of what was written to the terminal. */
export type OutputToken = { readonly kind: "text" | "sequence"; readonly bytes: string };

/** Every sequence that this program may write, and nothing else. */
const OURS: readonly RegExp[] = [
  /\x1b\[\d+(?:;\d+)*m/y, // looks
  /\x1b\[\d+[ABC]/y, // moves within the live area
  /\x1b\[[JK]/y, // erasing below, and to the end of the row
  /\x1b\[H/y, // the transcript's screen, from its top
  /\x1b\[\?(?:7|25|1004|1049|2004|2026)[hl]/y, // modes
  /\x1b\[(?:>1|<)u/y, // kitty's keyboard protocol
  /\x1b\]8;;(?:(?:https?|file):\/\/[\x21-\x7e]{1,2000})?\x1b\\/y, // links
  /\x1b\]9;[^\x00-\x1f\x7f-\x9f]{0,200}\x07\x07/y, // wanting attention
  /\x1b\]2;[^\x00-\x1f\x7f-\x9f]{0,120}\x07/y, // the title
  /\x1b\]11;\?\x1b\\/y, // asking for the background's colour
  /\r\n?/y,
];

/** Controls of either kind and what hides or reorders text: nothing of it may stand in text. */
const FORBIDDEN =
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]|\u034f|\u17b4|\u17b5|[\u180b-\u180f]/u;

/** Takes apart what was written; fails at the first piece that is not on our list. */
export function outputTokens(bytes: string): OutputToken[] {
  const tokens: OutputToken[] = [];
  let at = 0;
  while (at < bytes.length) {
    const sequence = sequenceAt(bytes, at);
    if (sequence !== null) tokens.push({ kind: "sequence", bytes: sequence });
    const next = sequence ?? textAt(bytes, at);
    if (sequence === null) tokens.push({ kind: "text", bytes: next });
    at += next.length;
  }
  return tokens;
}

function sequenceAt(bytes: string, at: number): string | null {
  for (const pattern of OURS) {
    pattern.lastIndex = at;
    const match = pattern.exec(bytes);
    if (match) return match[0];
  }
  return null;
}

function textAt(bytes: string, at: number): string {
  const end = bytes.slice(at + 1).search(/[\x1b\r]/);
  const text = end === -1 ? bytes.slice(at) : bytes.slice(at, at + 1 + end);
  const bad = FORBIDDEN.exec(text);
  if (bad === null) return text;
  const around = JSON.stringify(bytes.slice(Math.max(0, at + bad.index - 60), at + bad.index + 60));
  throw new Error(`Not on the list of what may be written: ${around}`);
}
