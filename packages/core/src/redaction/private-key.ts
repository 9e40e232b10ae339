import { characterSet, MORE, type Needle, NO, runEnd, type Tail } from "./needle.ts";

const LABEL = characterSet("A-Z0-9 ");
/** What stands between the first and the last line, in a file, in a diff, behind file names, or with its line breaks escaped. */
const BODY = characterSet("A-Za-z0-9+/=:,._ \t\r\n\\-");
const BEGIN = "-----BEGIN ";
const DASHES = "-----";
/** Behind the first line so many characters are looked at, and so many base64 characters in a row must be among them. */
const LOOKED_AT = 160;
const KEY_MATERIAL = /[A-Za-z0-9+/=]{24}/;
/** The largest key block that is hidden as a whole. */
const MAX_BLOCK = 32 * 1024;
const END_MARK = 80;

/** A private key in PEM. Source code that only mentions the marker line is left alone: no key material follows it. */
export const privateKeyNeedle: Needle = {
  lead: BEGIN,
  name: "private-key",
  boundary: false,
  judge(text, at, final) {
    const undecided = final ? NO : MORE;
    const labelAt = at + BEGIN.length;
    const labelEnd = runEnd(text, labelAt, LABEL, Math.min(text.length, labelAt + 48));
    if (labelEnd === text.length) return undecided;
    if (!/PRIVATE KEY(?: BLOCK)?$/.test(text.slice(labelAt, labelEnd))) return NO;
    const dashes = text.slice(labelEnd, labelEnd + DASHES.length);
    if (dashes !== DASHES) return DASHES.startsWith(dashes) ? undecided : NO;
    const bodyAt = labelEnd + DASHES.length;
    const bodyEnd = runEnd(text, bodyAt, BODY, Math.min(text.length, bodyAt + LOOKED_AT));
    const isWhole = bodyEnd < text.length || bodyEnd === bodyAt + LOOKED_AT || final;
    const material = KEY_MATERIAL.exec(text.slice(bodyAt, bodyEnd));
    if (material === null) return isWhole ? NO : MORE;
    return { kind: "match", from: at, to: bodyAt + material.index + 24, tail: keyTail(0) };
  },
};

/** Through the closing line; without one, as far as key material goes. */
function keyTail(already: number): Tail {
  let count = already;
  return {
    take(text, at, final) {
      const room = Math.min(text.length, at + MAX_BLOCK - count);
      const end = endOfKey(text, at, room, final || room < text.length || count + (room - at) >= MAX_BLOCK);
      count += end.at - at;
      return { taken: end.at - at, open: end.open };
    },
    restart: () => keyTail(0),
  };
}

function endOfKey(text: string, at: number, room: number, final: boolean): { at: number; open: boolean } {
  const whole = text.slice(at, room);
  const closing = /-----END [A-Z0-9 ]{0,48}-----/.exec(whole);
  // An escaped line break belongs to the key; the backslash before a quote belongs to the text around it.
  const foreign = /[^A-Za-z0-9+/=:,._\s\\-]|\\+(?![\\nr])/.exec(final ? whole : whole.replace(/\\+$/, ""));
  const closingEnd = closing === null ? Number.POSITIVE_INFINITY : closing.index + closing[0].length;
  const end = Math.min(closingEnd, foreign?.index ?? Number.POSITIVE_INFINITY);
  if (end !== Number.POSITIVE_INFINITY) return { at: at + end, open: false };
  if (final) return { at: room, open: false };
  // The closing line may have begun.
  const opening = whole.lastIndexOf("-----END ");
  const undecided = opening !== -1 ? whole.length - opening : trailing(whole);
  return { at: room - Math.min(undecided, END_MARK), open: true };
}

/** How much of the end could be the beginning of the closing line, or of an escape. */
function trailing(text: string): number {
  const mark = "-----END ";
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return length;
  }
  return /\\*$/.exec(text)?.[0].length ?? 0;
}
