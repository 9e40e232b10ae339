/**
 * The one sanitiser for text that we did not write and a terminal will show: tool output, file names, diffs, model text,
 * error messages of others. Control characters become visible symbols, characters that hide or reorder text become
 * `<U+XXXX>`. What comes out cannot move the cursor, set a title, reach the clipboard or pose as other text.
 */
export function visibleText(text: string): string {
  return DANGEROUS.test(text) ? text.replace(DANGEROUS_ALL, showCharacter) : text;
}

/** The same for text that must stay on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll("\n", "␊").replaceAll("\t", " ");
}

/**
 * For text that a program may read on: only what could steer a terminal becomes visible. Line ends of either kind, and
 * the joiners and marks that scripts and emoji are written with, stay.
 */
export function withoutControls(text: string): string {
  return CONTROLS.test(text) ? text.replace(CONTROLS_ALL, showCharacter) : text;
}

/** One line of JSON whose bytes cannot steer a terminal. To a JSON parser it is the same. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value);
  if (!DANGEROUS.test(text)) return text;
  return text.replace(DANGEROUS_ALL, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}

/** Whether text holds characters that hide or reorder what a person reads; an approval that does needs a second look. */
export function hidesText(text: string): boolean {
  return new RegExp(`[${INVISIBLE}]`, "u").test(text);
}

/** A character that hides or reorders text, and its place; lines and columns begin at 1 and count characters. */
export interface HiddenCharacter {
  /** `U+202E` */
  character: string;
  /** What it does, in a few words. */
  name: string;
  line: number;
  column: number;
}

/** The first such characters of a text, in its order. */
export function hiddenCharacters(text: string, most = 100): HiddenCharacter[] {
  const hidden = new RegExp(`^[${INVISIBLE}]$`, "u");
  const found: HiddenCharacter[] = [];
  let line = 1;
  let column = 0;
  for (const character of text) {
    column++;
    if (hidden.test(character)) {
      found.push({ character: codePointName(character), name: whatItDoes(character), line, column });
      if (found.length === most) break;
    }
    if (character === "\n") [line, column] = [line + 1, 0];
  }
  return found;
}

function whatItDoes(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const known = KINDS.find(([from, to]) => code >= from && code <= to);
  return known?.[2] ?? "an invisible character";
}

const KINDS: readonly (readonly [from: number, to: number, name: string])[] = [
  [0x00ad, 0x00ad, "soft hyphen"],
  [0x061c, 0x061c, "direction mark"],
  [0x115f, 0x1160, "Hangul filler"],
  [0x200b, 0x200b, "zero-width space"],
  [0x200c, 0x200d, "zero-width joiner"],
  [0x200e, 0x200f, "direction mark"],
  [0x2028, 0x2029, "line or paragraph separator"],
  [0x202a, 0x202e, "direction override or embedding"],
  [0x2060, 0x2060, "word joiner"],
  [0x2066, 0x2069, "direction isolate"],
  [0x3164, 0x3164, "Hangul filler"],
  [0xfeff, 0xfeff, "zero-width space (byte order mark)"],
  [0xe0000, 0xe007f, "tag character"],
  [0xe0100, 0xe01ef, "variation selector"],
];

function codePointName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Bidirectional controls, zero-width characters, variation selectors, tag characters, soft hyphen, Hangul fillers and
 * other default-ignorable code points (Unicode Standard Annex 9 and DerivedCoreProperties).
 */
const INVISIBLE =
  "\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}";
const CONTROL = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f";
const DANGEROUS = new RegExp(`[${CONTROL}${INVISIBLE}]`, "u");
const DANGEROUS_ALL = new RegExp(`[${CONTROL}${INVISIBLE}]`, "gu");

const CONTROLS = new RegExp(`(?!\\r\\n)[${CONTROL}]`, "u");
const CONTROLS_ALL = new RegExp(`(?!\\r\\n)[${CONTROL}]`, "gu");

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `<${codePointName(character)}>`;
}
