/**
 * Characters that take part in a text without being seen: bidi controls, tag characters, zero-width characters,
 * variation selectors, fillers, and control characters other than tab and line breaks.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}\ufff9-\ufffb]/gu;
const PLAIN = /^[\t\n\r -~]*$/;

/** Scripts in which joiners and non-joiners change how ordinary words are written. */
const JOINING_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)/u;
const EMOJI_BASE = /^\p{Emoji}/u;

/**
 * Removes invisible characters, in which instructions could be hidden from the person who reviewed the file. What
 * emoji and the scripts that need joiners are written with stays.
 */
export function removeInvisible(text: string): { text: string; removed: number } {
  if (PLAIN.test(text)) return { text, removed: 0 };
  let removed = 0;
  const clean = text.replace(INVISIBLE, (character: string, offset: number) => {
    if (belongsToWriting(character, text, offset)) return character;
    removed++;
    return "";
  });
  return { text: clean, removed };
}

function belongsToWriting(character: string, text: string, offset: number): boolean {
  if (character === "\t" || character === "\n" || character === "\r") return true;
  const before = characterBefore(text, offset);
  const after = characterAt(text, offset + character.length);
  if (character === "\ufe0e" || character === "\ufe0f") return EMOJI_BASE.test(before);
  if (character !== "\u200d" && character !== "\u200c") return false;
  if (character === "\u200d" && EMOJI.test(before) && EMOJI.test(after)) return true;
  return JOINING_SCRIPT.test(before) && JOINING_SCRIPT.test(after);
}

function characterAt(text: string, offset: number): string {
  const point = text.codePointAt(offset);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function characterBefore(text: string, offset: number): string {
  const low = text.charCodeAt(offset - 1);
  const isLowSurrogate = low >= 0xdc00 && low <= 0xdfff;
  return offset === 0 ? "" : characterAt(text, offset - (isLowSurrogate ? 2 : 1));
}
