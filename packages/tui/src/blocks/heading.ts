import { durationText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Ink, Span, StyledLine } from "../text/styled-line.ts";

/** How something ended, as a sign before its first line. */
export type Outcome = "running" | "good" | "bad" | "declined" | "unknown" | "plain";

const SIGNS: Readonly<Record<Outcome, { text: string; ink: Ink }>> = {
  running: { text: "◦ ", ink: "accent" },
  good: { text: "• ", ink: "good" },
  bad: { text: "✗ ", ink: "bad" },
  declined: { text: "⊘ ", ink: "warn" },
  unknown: { text: "? ", ink: "warn" },
  plain: { text: "• ", ink: "muted" },
};

const INDENT: Span = { text: "  " };

/** The first line of a block: a sign, a word for what was done, what it was done to, and figures at the end. */
export function headingLine(
  outcome: Outcome,
  word: string,
  subject: readonly Span[],
  facts: readonly string[] = [],
): StyledLine {
  const figures: Span[] = facts.length === 0 ? [] : [{ text: ` · ${facts.join(" · ")}`, ink: "muted" }];
  const gap: Span[] = subject.length === 0 ? [] : [{ text: " " }];
  const sign = SIGNS[outcome];
  return {
    spans: [sign, { text: word, bold: true }, ...gap, ...subject, ...figures],
    hanging: [INDENT, INDENT],
  };
}

/** A line below a heading. */
export function detailLine(spans: readonly Span[], options: { isSolid?: boolean } = {}): StyledLine {
  const line: StyledLine = { spans: [INDENT, ...spans], hanging: [INDENT, INDENT] };
  return options.isSolid ? { ...line, isSolid: true } : line;
}

/** An error with its code, and what to do about it. */
export function errorLines(
  error: { code: string; message: string; next_step?: string | undefined } | null | undefined,
): StyledLine[] {
  if (!error) return [];
  const lines = error.message.trimEnd().split("\n");
  const last = lines.pop() ?? "";
  const message = [
    ...lines.map((line) => detailLine([{ text: safeLine(line), ink: "bad" }])),
    detailLine([
      { text: `${safeLine(last)} `, ink: "bad" },
      { text: `[${safeLine(error.code)}]`, ink: "muted" },
    ]),
  ];
  return error.next_step === undefined
    ? message
    : [...message, detailLine([{ text: safeLine(error.next_step), ink: "muted" }])];
}

/** Figures that are worth a place in a heading: short waits are not. */
export function durationFacts(ms: number | null | undefined): string[] {
  return ms === null || ms === undefined || ms < 300 ? [] : [durationText(ms)];
}
