import type { MarkedToken, Token, Tokens } from "marked";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";

type Style = Omit<Span, "text">;

/** Words with their looks; a hard line break begins a new line, a soft one is a space. */
export function inlineLines(tokens: readonly Token[], style: Style = {}): StyledLine[] {
  const lines: Span[][] = [[]];
  for (const span of inlineSpans(tokens, style)) {
    if (span === "break") lines.push([]);
    else lines.at(-1)?.push(span);
  }
  return lines.map((spans) => ({ spans }));
}

/** The same on one line, as in a cell of a table. */
export function inlineSpansOnly(tokens: readonly Token[], style: Style = {}): Span[] {
  return [...inlineSpans(tokens, style)].map((span) => (span === "break" ? { text: " " } : span));
}

function* inlineSpans(tokens: readonly Token[], style: Style): Iterable<Span | "break"> {
  for (const token of tokens) yield* inline(token as MarkedToken, style);
}

function* inline(token: MarkedToken, style: Style): Iterable<Span | "break"> {
  switch (token.type) {
    case "strong":
      return yield* inlineSpans(token.tokens ?? [], { ...style, bold: true });
    case "em":
      return yield* inlineSpans(token.tokens ?? [], { ...style, italic: true });
    case "del":
      return yield* inlineSpans(token.tokens ?? [], { ...style, strike: true });
    case "codespan":
      return yield* words(token.text, { ...style, ink: "code" });
    case "br":
      yield "break";
      return;
    case "link":
      return yield* link(token as Tokens.Link, style);
    case "image":
      return yield* words(`[image: ${token.text || token.href}]`, { ...style, ink: "link" });
    case "escape":
      return yield* words(token.text, style);
    case "text":
      if ("tokens" in token && token.tokens) return yield* inlineSpans(token.tokens, style);
      return yield* words(unescaped(token.text), style);
    default:
      return yield* words(token.raw, style);
  }
}

/** The words of a link and, where they do not say it themselves, the place it leads to: nobody is led elsewhere unseen. */
function* link({ href, tokens, text }: Tokens.Link, style: Style): Iterable<Span | "break"> {
  const linked: Style = { ...style, ink: "link", underline: true, href };
  yield* inlineSpans(tokens ?? [], linked);
  if (text !== href && `mailto:${text}` !== href) yield* words(` (${href})`, { ...style, ink: "muted" });
}

function* words(text: string, style: Style): Iterable<Span> {
  const shown = safeLine(text.replaceAll("\n", " "));
  if (shown !== "") yield { ...style, text: shown };
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  nbsp: " ",
};

/** Entities that people write in Markdown; any other stays as it is written. */
function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
