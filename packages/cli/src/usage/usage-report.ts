import type { Dimension, UsageReport, UsageSum } from "@quire/ledger";
import { groupedDigits, visibleLine } from "@quire/protocol";
import { type Column, textTable } from "./text-table.ts";

const COLUMNS: readonly Column[] = [
  { title: "requests", align: "right" },
  { title: "failed", align: "right" },
  { title: "input", align: "right" },
  { title: "cached", align: "right" },
  { title: "output", align: "right" },
  { title: "reasoning", align: "right" },
  { title: "US$", align: "right" },
];

/** A unit that money is also shown in. */
export interface Credits {
  name: string;
  /** How many are one US dollar. */
  perUsd: number;
}

/** The report for people: a line for each group, then the total, then what the sums leave out. */
export function usageTable({ groups, total }: UsageReport, by: Dimension, credits: Credits | null): string {
  if (groups.length === 0) return "No requests in this time.\n";
  const rows = groups.map((group) => [visibleLine(group.key), ...cells(group, credits)]);
  rows.push(["total", ...cells(total, credits)]);
  const unit: Column[] = credits === null ? [] : [{ title: visibleLine(credits.name), align: "right" }];
  const lines = textTable([{ title: by, align: "left" }, ...COLUMNS, ...unit], rows);
  return `${[...lines, ...leftOut(total)].join("\n")}\n`;
}

function cells(sum: UsageSum, credits: Credits | null): string[] {
  return [
    groupedDigits(sum.requests),
    groupedDigits(sum.failed),
    groupedDigits(sum.in),
    groupedDigits(sum.cached),
    groupedDigits(sum.out),
    groupedDigits(sum.reasoning),
    moneyCell(sum, 1, 4),
    ...(credits === null ? [] : [moneyCell(sum, credits.perUsd, 2)]),
  ];
}

/** A sum that leaves something out is marked; one of nothing but unknowns is no sum. */
function moneyCell(sum: UsageSum, rate: number, digits: number): string {
  const { requests, failed, unpriced, usd } = sum;
  if (unpriced > 0 && usd === 0 && unpriced >= requests - failed) return "unknown";
  const amount = (usd * rate).toFixed(digits);
  return unpriced > 0 ? `≥ ${amount}` : amount;
}

function leftOut({ unpriced, uncounted, atMostUsd }: UsageSum): string[] {
  if (unpriced === 0) return [];
  const lines = [
    `${requests(unpriced)} of unknown cost ${unpriced === 1 ? "is" : "are"} not in the US$ column.`,
  ];
  if (uncounted > 0) lines.push(`Of ${requests(uncounted)} the endpoint gave no token counts.`);
  if (atMostUsd > 0)
    lines.push(`They cost at most about $${atMostUsd.toFixed(4)} more, as far as that can be said.`);
  return lines;
}

function requests(count: number): string {
  return `${groupedDigits(count)} ${count === 1 ? "request" : "requests"}`;
}

/** The report for programs; names of fields are those of the CSV header. */
export function usageJson(
  { groups, total }: UsageReport,
  by: Dimension,
  days: { since: string | null; until: string | null },
): string {
  const rows = groups.map(({ key, ...sum }) => ({ [by]: key, ...fields(sum) }));
  return `${JSON.stringify({ by, ...days, rows, total: fields(total) }, null, 2)}\n`;
}

export function usageCsv({ groups, total }: UsageReport, by: Dimension): string {
  const header = [by, ...Object.keys(fields(total))];
  const lines = groups.map(({ key, ...sum }) => [csvCell(key), ...Object.values(fields(sum)).map(String)]);
  return `${[header, ...lines].map((cellsOfLine) => cellsOfLine.join(",")).join("\n")}\n`;
}

/** A cell that a spreadsheet takes as text, never as a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function fields(sum: UsageSum) {
  return {
    requests: sum.requests,
    failed_requests: sum.failed,
    input_tokens: sum.in,
    cached_input_tokens: sum.cached,
    cache_write_input_tokens: sum.written,
    output_tokens: sum.out,
    reasoning_output_tokens: sum.reasoning,
    known_cost_usd: Number(sum.usd.toFixed(8)),
    requests_of_unknown_cost: sum.unpriced,
    requests_without_counts: sum.uncounted,
    unknown_cost_at_most_usd: Number(sum.atMostUsd.toFixed(8)),
  };
}
