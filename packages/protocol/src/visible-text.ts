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
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
