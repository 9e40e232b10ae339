import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import type { BlockView } from "./block-view.ts";
import { detailLine } from "./heading.ts";

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Lines of a diff that are shown before the rest is folded. */
const SHOWN_CHANGE = 40;

interface DiffRow {
  readonly kind: "context" | "added" | "removed" | "gap";
  /** Of the new file, or of the old one where the line was removed. */
  readonly number: number;
  readonly text: string;
}

/** A unified diff of one file with the lines' numbers, coloured by its language and by side. */
export function diffLines(diff: string, path: string, view: BlockView): StyledLine[] {
  const rows = diffRows(diff);
  const most = view.unfolded ? Number.POSITIVE_INFINITY : SHOWN_CHANGE;
  const shown = rows.length > most + 1 ? rows.slice(0, most) : rows;
  const digits = String(Math.max(1, ...rows.map((row) => row.number))).length;
  const code = view.syntax.lines(
    shown.map((row) => (row.kind === "gap" ? "" : row.text)).join("\n"),
    path.slice(path.lastIndexOf(".") + 1),
  );
  const lines = shown.map((row, at) => rowLine(row, digits, code[at]?.spans ?? []));
  const hidden = rows.length - shown.length;
  return hidden > 0
    ? [...lines, detailLine([{ text: `… ${hidden} more lines of this change`, ink: "muted" }])]
    : lines;
}

function diffRows(diff: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let before = 0;
  let after = 0;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      if (rows.length > 0) rows.push({ kind: "gap", number: 0, text: "" });
    } else if (after === 0 && before === 0) {
      // The names of the files, which the heading has.
    } else if (line.startsWith("+")) {
      rows.push({ kind: "added", number: after, text: line.slice(1) });
      after += 1;
    } else if (line.startsWith("-")) {
      rows.push({ kind: "removed", number: before, text: line.slice(1) });
      before += 1;
    } else if (!line.startsWith("\\")) {
      rows.push({ kind: "context", number: after, text: line.slice(1) });
      before += 1;
      after += 1;
    }
  }
  return rows;
}

const SIGNS = { context: " ", added: "+", removed: "-", gap: "⋮" } as const;

function rowLine(row: DiffRow, digits: number, code: readonly Span[]): StyledLine {
  const { kind } = row;
  if (kind === "gap") return detailLine([{ text: `${" ".repeat(digits)} ⋮`, ink: "muted" }]);
  const number: Span = { text: `${String(row.number).padStart(digits)} `, ink: "muted" };
  if (kind === "context") {
    return behind(digits, [number, { text: "  " }, ...code.map((span) => ({ ...span, dim: true }))]);
  }
  const sign: Span = { text: `${SIGNS[kind]} `, ink: kind, ground: kind };
  const text: readonly Span[] = code.length > 0 ? code : [{ text: safeLine(row.text) }];
  return behind(digits, [number, sign, ...text.map((span): Span => ({ ...span, ground: kind }))], kind);
}

/** What does not fit goes on below the text, not below the numbers. */
function behind(digits: number, spans: readonly Span[], ground?: "added" | "removed"): StyledLine {
  const gap: Span = { text: "  ", ...(ground === undefined ? {} : { ground }) };
  const hanging: Span[] = [{ text: " ".repeat(digits + 3) }, gap];
  return { ...detailLine(spans, { isSolid: true }), hanging };
}
