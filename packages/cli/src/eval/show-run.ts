import fs from "node:fs";
import path from "node:path";
import {
  allNotes,
  costWords,
  htmlReport,
  markdownReport,
  ownFigures,
  passedWords,
  percent,
  publishedTable,
  type RunReport,
  tagTable,
  writeFault,
} from "@quire/evals";
import { BENCHMARK_CAVEAT } from "@quire/models";
import { addUsage, jsonLine, type TokenUsage, visibleLine } from "@quire/protocol";
import type { System } from "../system.ts";

export interface ShowOptions {
  readonly out?: string | undefined;
  /** Where a report goes that has no folder. */
  readonly samples?: string | undefined;
  readonly report: "html" | "md" | undefined;
  readonly json: boolean;
}

/**
 * Prints a run, then writes its summary and report where they were asked for: what cannot be written fails with
 * `directory_unusable` or `storage_full` when nothing is lost any more. `more` joins the summary.
 */
export function showRun(
  run: RunReport,
  results: readonly object[],
  options: ShowOptions,
  system: System,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const summary = { ...summaryOf(run), ...more };
  if (options.json) system.stdout.write(`${jsonLine({ ...summary, results })}\n`);
  else system.stdout.write(runText(run));
  if (options.out !== undefined) {
    writeText(path.join(options.out, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`);
  }
  if (options.report !== undefined)
    system.stderr.write(`report: ${visibleLine(writeReport(run, options.report, options))}\n`);
}

/** The sum of the tokens that are known; null when none are. */
export function totalUsage(
  rows: ReadonlyArray<{ readonly usage?: TokenUsage | null | undefined }>,
): TokenUsage | null {
  const [first, ...rest] = rows.flatMap(({ usage }) => usage ?? []);
  return first === undefined ? null : rest.reduce(addUsage, first);
}

/** The sum of what tasks cost; null when one is not known, because a sum with a gap would look like a price. */
export function totalUsd(rows: readonly { readonly usd: number | null }[]): number | null {
  if (rows.some(({ usd }) => usd === null)) return null;
  return rows.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
}

/** What a program reads of a run. */
function summaryOf(run: RunReport) {
  const { score } = run;
  return {
    benchmark: run.benchmark,
    model: run.model,
    date: run.date,
    problems: score.problems,
    attempted: score.attempted,
    samples: score.samples,
    passed: score.passed,
    pass_at_k: Object.fromEntries(score.estimates.map(({ k, value }) => [`pass@${k}`, value])),
    intervals: Object.fromEntries(score.estimates.map(({ k, interval }) => [`pass@${k}`, interval])),
    failures: Object.fromEntries(score.failures.map(({ reason, count }) => [reason, count])),
    seconds: run.wallSeconds,
    usage: run.usage,
    usd: run.usd,
    ...(run.byTag.length === 0 ? {} : { by_tag: run.byTag }),
    ...(run.tokenDeciles === null ? {} : { token_deciles: run.tokenDeciles }),
    ...(run.editBytes === null ? {} : { edit_bytes: run.editBytes }),
    notes: run.notes,
  };
}

function writeReport(run: RunReport, kind: "html" | "md", { out, samples }: ShowOptions): string {
  const file =
    out === undefined ? `${samples ?? "quire-eval"}.report.${kind}` : path.join(out, `report.${kind}`);
  writeText(file, kind === "html" ? htmlReport(run) : markdownReport(run));
  return file;
}

function writeText(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (cause) {
    throw writeFault(file, cause);
  }
}

function runText(run: RunReport): string {
  const { score } = run;
  const lines = [
    `${run.benchmark}${run.model === null ? "" : `, ${run.model}`}: ${passedWords(run)}`,
    `${run.wallSeconds.toFixed(1)} s${costWords(run)}`,
    "",
    ...score.estimates.map(({ k, value, interval }) => `pass@${k}`.padEnd(10) + percent(value, interval)),
  ];
  if (score.failures.length > 0) {
    lines.push("", "failures");
    for (const { reason, count } of score.failures) lines.push(`${String(count).padStart(6)}  ${reason}`);
  }
  const tags = tagTable(run);
  if (tags.rows.length > 0) lines.push("", ...columns([tags.head, ...tags.rows]));
  if (run.published.length > 0) {
    const { metrics, rows } = publishedTable(run.published);
    lines.push("", `${BENCHMARK_CAVEAT}: ${run.benchmark}, ${metrics.join(" / ")}`);
    const own = ownFigures(run, metrics).map((figure) => figure || "–");
    lines.push(`  ${"this run".padEnd(20)} ${own.join(" / ")}`);
    for (const { subject, figures, notes } of rows) {
      const note = notes.length === 0 ? "" : `  (${notes.join("; ")})`;
      lines.push(`  ${subject.padEnd(20)} ${figures.map((figure) => figure || "–").join(" / ")}${note}`);
    }
  }
  for (const note of allNotes(run)) lines.push("", `note: ${note}`);
  return `${lines.map(visibleLine).join("\n")}\n`;
}

/** Rows of cells, each column as wide as it must be. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? "").length)));
  return rows.map((row) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
