import { Lexer, type MarkedToken, type Token, type Tokens } from "marked";
import { safeLine } from "../text/safe-text.ts";
import { BLANK, lineOf, type Span, type StyledLine } from "../text/styled-line.ts";
import { inlineLines } from "./inline.ts";
import type { SyntaxColours } from "./syntax.ts";
import { tableLines } from "./table.ts";

export interface MarkdownView {
  /** Cells; only tables need it, everything else is wrapped where it is drawn. */
  readonly columns: number;
  readonly syntax: SyntaxColours;
}

/** Lists and quotations inside one another deeper than this are drawn at this depth. */
const DEEPEST = 12;

/**
 * Markdown as lines, without blank lines at its ends. `fence` is the opening line of a code block that the text begins
 * within (see `cutMarkdown`). HTML is shown as it was written.
 */
export function renderMarkdown(text: string, fence: string | null, view: MarkdownView): StyledLine[] {
  const whole = fence === null ? text : `${fence}\n${text}`;
  return blocks(new Lexer({ gfm: true }).lex(whole), view, 0);
}

function blocks(tokens: readonly Token[], view: MarkdownView, depth: number): StyledLine[] {
  const lines: StyledLine[] = [];
  for (const token of tokens) {
    const drawn = block(token, view, depth);
    if (drawn.length === 0) continue;
    if (lines.length > 0) lines.push(BLANK);
    lines.push(...drawn);
  }
  return lines;
}

/** The lexer's token type is open; what is none of the kinds below is shown as its source. */
function block(token: Token, view: MarkdownView, depth: number): StyledLine[] {
  const known = token as MarkedToken;
  switch (known.type) {
    case "space":
    case "def":
      return [];
    case "heading":
      return inlineLines(known.tokens ?? [], { ink: "heading", bold: true });
    case "paragraph":
      return inlineLines(known.tokens ?? []);
    case "text":
      return "tokens" in known && known.tokens ? inlineLines(known.tokens) : sourceLines(known.raw);
    case "code":
      return view.syntax.lines(known.text, (known.lang ?? "").split(/[\s,{]/)[0] ?? "");
    case "blockquote":
      return inside(
        blocks(known.tokens ?? [], narrower(view, 2), depth + 1),
        [{ text: "│ ", ink: "muted" }],
        depth,
      );
    case "list":
      return list(known as Tokens.List, view, depth);
    case "table":
      return tableLines(known as Tokens.Table, view.columns);
    case "hr":
      return [lineOf("─".repeat(Math.max(3, Math.min(view.columns, 40))), { ink: "muted" })];
    default:
      return sourceLines(known.raw);
  }
}

function list(
  { items, ordered, start, loose }: Tokens.List,
  view: MarkdownView,
  depth: number,
): StyledLine[] {
  const first = typeof start === "number" ? start : 1;
  const widest = ordered ? `${first + items.length - 1}. `.length : 2;
  const lines: StyledLine[] = [];
  items.forEach((item, index) => {
    const marker = markerOf(item, ordered ? `${first + index}. `.padStart(widest) : "• ");
    const body = blocksOfItem(item, narrower(view, widest), depth);
    const hanging: Span = { text: " ".repeat(widest) };
    const [head = BLANK, ...rest] = body;
    if (loose && index > 0) lines.push(BLANK);
    lines.push(withPrefix(head, [marker], [hanging]));
    for (const line of rest) lines.push(line === BLANK ? BLANK : withPrefix(line, [hanging], [hanging]));
  });
  return lines;
}

/** The parts of a tight item follow one another without blank lines. */
function blocksOfItem(item: Tokens.ListItem, view: MarkdownView, depth: number): StyledLine[] {
  if (depth >= DEEPEST) return sourceLines(item.raw.trim());
  if (item.loose) return blocks(item.tokens, view, depth + 1);
  return item.tokens.flatMap((token) => block(token, view, depth + 1));
}

function markerOf(item: Tokens.ListItem, marker: string): Span {
  if (!item.task) return { text: marker, ink: "accent" };
  return item.checked ? { text: "✔ ", ink: "good" } : { text: "□ ", ink: "muted" };
}

function inside(lines: readonly StyledLine[], prefix: readonly Span[], depth: number): StyledLine[] {
  return depth >= DEEPEST ? [...lines] : lines.map((line) => withPrefix(line, prefix, prefix));
}

/** A line with something before its first row and something before every row that wrapping makes of the rest. */
function withPrefix(line: StyledLine, first: readonly Span[], rest: readonly Span[]): StyledLine {
  return { ...line, spans: [...first, ...line.spans], hanging: [...rest, ...(line.hanging ?? [])] };
}

function narrower(view: MarkdownView, by: number): MarkdownView {
  return { ...view, columns: Math.max(10, view.columns - by) };
}

function sourceLines(raw: string): StyledLine[] {
  return raw
    .replace(/\n+$/, "")
    .split("\n")
    .map((line) => lineOf(safeLine(line)));
}
