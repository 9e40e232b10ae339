/**
 * What a piece of text is, not how it looks: a theme gives each ink its colour. Text that has no ink of its own is drawn
 * as the terminal draws text.
 */
export type Ink =
  | "text"
  | "muted"
  | "accent"
  | "good"
  | "bad"
  | "warn"
  | "heading"
  | "link"
  | "code"
  | "added"
  | "removed"
  | "keyword"
  | "string"
  | "number"
  | "comment"
  | "name"
  | "type";

/** Looks that do not depend on a theme. */
export interface Look {
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/**
 * A run of text in one look. `text` is safe to show (`visibleText` of the protocol has seen it) and holds neither line
 * ends nor tabs.
 */
export interface Span extends Look {
  readonly text: string;
  readonly ink?: Ink;
  /** Behind the text, across the rest of the line as well when the line's last span has it. */
  readonly ground?: "added" | "removed" | "selected" | "raised";
  /** Where the text leads: http, https or file. Terminals without links show the text alone. */
  readonly href?: string;
}

/** One line of a frame. */
export interface StyledLine {
  readonly spans: readonly Span[];
  /**
   * Put before every row but the first when the line is wrapped, and counted in its width: the indent of a list, the bar
   * of a quotation.
   */
  readonly hanging?: readonly Span[];
  /**
   * Never wrapped by us when it goes into the terminal's scrollback: the terminal breaks it at its edge and gives it back
   * whole when it is copied. Code and command output.
   */
  readonly verbatim?: boolean;
  /**
   * Broken at the edge and not between words, so that no space is lost: output and diffs, which go on behind their gutter
   * and are not copied whole anyway.
   */
  readonly isSolid?: boolean;
}

export const BLANK: StyledLine = { spans: [] };

/** A line of one span. */
export function lineOf(text: string, style: Omit<Span, "text"> = {}): StyledLine {
  return { spans: text === "" ? [] : [{ ...style, text }] };
}

/** What is said in passing. */
export function quietLine(text: string): StyledLine {
  return lineOf(text, { ink: "muted" });
}

/** The text alone, as a reader without colours sees it. */
export function plainText(line: StyledLine): string {
  return line.spans.map((span) => span.text).join("");
}
