/**
 * Unicode White_Space, the set the format has always been matched with. It differs from JavaScript's `trim`:
 * U+0085 is in it and the byte order mark U+FEFF is not.
 */
const SPACE = "\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const ODD_SPACE = /[\u0085\ufeff]/;
const SPACE_CHARACTER = new RegExp(`[${SPACE}]`);

function isSpace(text: string, index: number): boolean {
  return SPACE_CHARACTER.test(text.charAt(index));
}

/** Removes white space at the end, in linear time. */
export function trimEnd(text: string): string {
  if (!ODD_SPACE.test(text)) return text.trimEnd();
  let end = text.length;
  while (end > 0 && isSpace(text, end - 1)) end -= 1;
  return text.slice(0, end);
}

/** Removes white space at both ends, in linear time. */
export function trim(text: string): string {
  if (!ODD_SPACE.test(text)) return text.trim();
  const head = trimEnd(text);
  let start = 0;
  while (start < head.length && isSpace(head, start)) start += 1;
  return head.slice(start);
}

const TYPOGRAPHY = /[\u00a0\u2002-\u200a\u2010-\u2015\u2018-\u201f\u202f\u205f\u2212\u3000]/g;

function plain(character: string): string {
  const code = character.charCodeAt(0);
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212) return "-";
  if (code >= 0x2018 && code <= 0x201b) return "'";
  if (code >= 0x201c && code <= 0x201f) return '"';
  return " ";
}

/** Trims, then writes typographic dashes, quotes and spaces as their ASCII counterparts. */
export function normalisePunctuation(text: string): string {
  return trim(text).replace(TYPOGRAPHY, plain);
}
