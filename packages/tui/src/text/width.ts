import { eastAsianWidth } from "get-east-asian-width";

const PLAIN = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}\p{Surrogate}]+$/u;
/** Not written as a literal: the flag is newer than the language level that the types are checked for. */
const SETS_OF_STRINGS = "v";
/** Emoji that a terminal draws two cells wide: pictographs by themselves, flags, keycaps and what asks for colour. */
const EMOJI = new RegExp("\\p{RGI_Emoji}", SETS_OF_STRINGS);
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** A character as a reader counts them, and the cells it takes in a terminal: 0, 1 or 2. */
export interface Grapheme {
  readonly text: string;
  readonly width: number;
}

/** The characters of a text in order. Combining marks and joined emoji stay with what they belong to. */
export function* graphemes(text: string): Iterable<Grapheme> {
  if (PLAIN.test(text)) {
    for (const character of text) yield { text: character, width: 1 };
    return;
  }
  for (const { segment } of segmenter.segment(text)) yield { text: segment, width: widthOfGrapheme(segment) };
}

/** Terminal cells that a text takes. Control characters must have been made visible before. */
export function cellWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += grapheme.width;
  return width;
}

const known = new Map<string, number>();
const MOST_KNOWN = 4096;

function widthOfGrapheme(segment: string): number {
  const before = known.get(segment);
  if (before !== undefined) return before;
  const width = measure(segment);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(segment, width);
  return width;
}

function measure(segment: string): number {
  if (ZERO_WIDTH.test(segment)) return 0;
  if (EMOJI.test(segment)) return 2;
  let width = 0;
  for (const character of segment) {
    if (ZERO_WIDTH.test(character)) continue;
    width = Math.max(width, eastAsianWidth(character.codePointAt(0) ?? 0));
  }
  return width;
}
