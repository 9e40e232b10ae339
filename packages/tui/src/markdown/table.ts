import type { Tokens } from "marked";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { cutLine, lineWidth, wrapLine } from "../text/wrap.ts";
import { inlineSpansOnly } from "./inline.ts";

const GAP = 2;
const NARROWEST = 4;

/** A table with columns as wide as they need, or as the terminal has room for; cells that are longer go over several rows. */
export function tableLines(table: Tokens.Table, columns: number): StyledLine[] {
  const header = table.header.map((cell) => ({ spans: inlineSpansOnly(cell.tokens, { bold: true }) }));
  const rows = table.rows.map((row) => row.map((cell) => ({ spans: inlineSpansOnly(cell.tokens) })));
  const widths = fit(
    header.map((cell, at) =>
      Math.max(lineWidth(cell), ...rows.map((row) => lineWidth(row[at] ?? { spans: [] }))),
    ),
    columns,
  );
  const rule: Span = { text: widths.map((width) => "─".repeat(width)).join(" ".repeat(GAP)), ink: "muted" };
  const draw = (cells: readonly StyledLine[]) => rowLines(cells, widths, table.align);
  return [...draw(header), { spans: [rule] }, ...rows.flatMap(draw)];
}

/** Takes from the widest columns until the table fits. */
function fit(wanted: readonly number[], columns: number): number[] {
  const widths = wanted.map((width) => Math.max(1, width));
  const room = columns - GAP * (widths.length - 1);
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= NARROWEST) break;
    widths[widest] = width - 1;
    over -= 1;
  }
  return widths;
}

function rowLines(
  cells: readonly StyledLine[],
  widths: readonly number[],
  align: Tokens.Table["align"],
): StyledLine[] {
  const wrapped = widths.map((width, at) => wrapLine(cells[at] ?? { spans: [] }, width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => ({
    spans: wrapped.flatMap((lines, at) => {
      const width = widths[at] ?? 0;
      const cell = cutLine(lines[row] ?? { spans: [] }, width);
      return [...(at > 0 ? [{ text: " ".repeat(GAP) }] : []), ...padded(cell, width, align[at] ?? null)];
    }),
  }));
}

function padded(cell: StyledLine, width: number, align: "center" | "left" | "right" | null): readonly Span[] {
  const left = Math.max(0, width - lineWidth(cell));
  const before = align === "right" ? left : align === "center" ? Math.floor(left / 2) : 0;
  const pad = (cells: number): Span[] => (cells > 0 ? [{ text: " ".repeat(cells) }] : []);
  return [...pad(before), ...cell.spans, ...pad(left - before)];
}
