import { groupedDigits, visibleText } from "@quire/protocol";
import type { ModelRow } from "./model-rows.ts";

const HEAD = [
  "MODEL",
  "PROVIDER",
  "CONTEXT",
  "OUTPUT",
  "EFFORTS",
  "INPUTS",
  "$ / 1M IN, CACHED, OUT",
  "STATUS",
  "SOURCE",
];

/** The rows as an aligned table, its last line a legend. Unknown is a question mark. */
export function modelTable(rows: readonly ModelRow[]): string {
  const cells = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const legend =
    "* the configured model. ? unknown, which is not 0. ~ a floating name, whose model may change. Prices and limits are published by the sources named, not checked by Quire.";
  return `${[...lines, "", legend].join("\n")}\n`;
}

function cellsOf(row: ModelRow): string[] {
  const name = `${row.current ? "* " : ""}${row.id}${row.floating ? " ~" : ""}`;
  return [
    name,
    row.provider ?? "?",
    tokens(row.context_window),
    tokens(row.output_limit),
    row.efforts?.join(",") ?? "?",
    row.modalities?.join(",") ?? "?",
    price(row),
    status(row),
    row.sources.join(",") || "?",
  ].map(visibleText);
}

function tokens(count: number | null): string {
  return count === null ? "?" : groupedDigits(count);
}

function price(row: ModelRow): string {
  if (row.price === null) return row.price_words === null ? "?" : `? (${row.price_words})`;
  const { input, cached_input, output, as_of } = row.price;
  return `${[input, cached_input, output].map((figure) => figure ?? "?").join(", ")} (${as_of})`;
}

function status(row: ModelRow): string {
  const probed = row.probe === null ? "" : ", probed";
  return `${row.status}${row.replacement === null ? "" : `, use ${row.replacement}`}${probed}`;
}
