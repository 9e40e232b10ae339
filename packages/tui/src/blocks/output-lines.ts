import { countText } from "../text/amounts.ts";
import { afterReturns, safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutText } from "../text/wrap.ts";
import type { BlockView } from "./block-view.ts";
import { detailLine } from "./heading.ts";

/** Lines of an output that are shown before the rest is folded. */
const SHOWN = 5;
/** Rows that one line takes before it is cut. */
const ROWS_A_LINE = 4;
/** Characters that a cell may take: more marks than this on one letter are not looked at. */
const CHARACTERS_A_CELL = 8;
const GUTTER: Span = { text: "│ ", ink: "muted" };

/**
 * What a program printed, behind a gutter. Folded, it is the last lines of a command, since they say how it ended, and the
 * first of anything else. Only what is shown is looked at, however much there is.
 */
export function outputLines(text: string, shownEnd: "first" | "last", view: BlockView): StyledLine[] {
  const trimmed = text.replace(/\n+$/, "");
  if (trimmed === "") return [];
  if (view.unfolded) return trimmed.split("\n").map((line) => outputLine(safeOutput(line)));
  const count = lineCount(trimmed);
  const most = count > SHOWN + 1 ? SHOWN : count;
  const lines = shownEnd === "last" ? lastLines(trimmed, most) : trimmed.split("\n", most);
  const shown = lines.map((line) => outputLine(shortened(line, view.columns)));
  if (count === most) return shown;
  const where = shownEnd === "last" ? " above" : "";
  const folded = detailLine([
    GUTTER,
    {
      text: `… ${countText(count - most, shownEnd === "last" ? "line" : "more line")}${where}`,
      ink: "muted",
    },
  ]);
  return shownEnd === "last" ? [folded, ...shown] : [...shown, folded];
}

function outputLine(text: string): StyledLine {
  const line = detailLine([GUTTER, { text, ink: "muted" }]);
  return { ...line, hanging: [{ text: "  " }, GUTTER], isSolid: true };
}

/** A line, safe to show; one that would fill the screen is cut, since the thread has it whole. */
export function shortened(line: string, columns: number): string {
  const cells = Math.max(1, columns - 4) * ROWS_A_LINE;
  const whole = afterReturns(line);
  const begin = whole.slice(0, cells * CHARACTERS_A_CELL);
  const safe = safeLine(begin);
  const { text } = cutText(safe, cells);
  return text.length < safe.length || begin.length < whole.length ? `${text}…` : safe;
}

function safeOutput(line: string): string {
  return safeLine(afterReturns(line));
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

function lastLines(text: string, count: number): string[] {
  let at = text.length;
  for (let found = 0; found < count && at !== -1; found += 1)
    at = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
  return text.slice(at + 1).split("\n");
}
