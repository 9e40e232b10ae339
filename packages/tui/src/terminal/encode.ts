import type { Span, StyledLine } from "../text/styled-line.ts";
import type { Colour, ColourDepth, Theme } from "./theme.ts";

/** What the terminal on the other end can show. */
export interface Palette {
  readonly depth: ColourDepth;
  readonly theme: Theme;
  /** Whether links are written as OSC 8. */
  readonly links: boolean;
}

const RESET = "\x1b[0m";

/** A line as bytes, without a line end. Every look is ended within the line, so that lines can be rewritten singly. */
export function encodeLine(line: StyledLine, palette: Palette): string {
  const ground = line.spans.at(-1)?.ground;
  const begin = ground === undefined ? "" : open({ text: "", ground }, palette);
  // Erasing with a background fills the row with it; before the text, since after a full row it would take its last cell.
  let out = begin === "" ? "" : `${begin}\x1b[K${RESET}`;
  for (const span of line.spans) out += encodeSpan(span, palette);
  return out;
}

function encodeSpan(span: Span, palette: Palette): string {
  const begin = open(span, palette);
  const text = begin === "" ? span.text : `${begin}${span.text}${RESET}`;
  return palette.links && span.href !== undefined && isSafeLink(span.href)
    ? `\x1b]8;;${span.href}\x1b\\${text}\x1b]8;;\x1b\\`
    : text;
}

/** Only printable ASCII, which leaves no way out of the sequence, and only schemes that a click may open. */
function isSafeLink(href: string): boolean {
  return /^(?:https?|file):\/\/[\x21-\x7e]{1,2000}$/.test(href);
}

const LOOKS = [
  ["bold", 1],
  ["dim", 2],
  ["italic", 3],
  ["underline", 4],
  ["inverse", 7],
  ["strike", 9],
] as const;

function open(span: Span, { depth, theme }: Palette): string {
  const codes: string[] = [];
  for (const [look, code] of LOOKS) if (span[look]) codes.push(String(code));
  const ink = span.ink === undefined ? undefined : theme.inks[span.ink];
  if (ink) codes.push(...foreground(ink, depth));
  const ground = span.ground === undefined ? undefined : theme.grounds[span.ground];
  if (ground) codes.push(...background(ground, depth));
  return codes.length === 0 ? "" : `\x1b[${codes.join(";")}m`;
}

function foreground(colour: Colour, depth: ColourDepth): string[] {
  if (depth === "truecolor") return [`38;2;${colour.rgb.join(";")}`];
  if (depth === "ansi256") return [`38;5;${colour.ansi256}`];
  return depth === "ansi16" ? [String(colour.ansi16)] : [];
}

function background(colour: Colour, depth: ColourDepth): string[] {
  if (depth === "truecolor") return [`48;2;${colour.rgb.join(";")}`];
  if (depth === "ansi256") return [`48;5;${colour.ansi256}`];
  return depth === "ansi16" ? [String(colour.ansi16)] : [];
}
