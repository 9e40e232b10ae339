import { PUBLISHED_SOURCES, type PublishedBenchmark } from "@quire/models";
import type { TokenUsage } from "@quire/protocol";
import type { Score } from "../scoring/score.ts";

/** Everything a report says about one run. */
export interface RunReport {
  readonly benchmark: string;
  /** What was measured; null for samples of unknown origin. */
  readonly model: string | null;
  /** ISO 8601. */
  readonly date: string;
  readonly score: Score;
  readonly wallSeconds: number;
  readonly usage: TokenUsage | null;
  /** Null where a price is unknown. */
  readonly usd: number | null;
  /** The rows that did not pass. Their text is a model's, and anything may stand in it. */
  readonly failed: readonly FailedRow[];
  readonly published: readonly PublishedBenchmark[];
  /** Full sentences. */
  readonly notes: readonly string[];
}

export interface FailedRow {
  readonly task: string;
  readonly reason: string;
  /** What was said about it. */
  readonly detail: string;
}

/** How many characters are shown of a long text. */
export const MOST_DETAIL = 300;
export const MOST_FAILED_ROWS = 500;

/** `97.6 % (95.1–99.4)`. */
export function percent(value: number, interval: { low: number; high: number } | null = null): string {
  const figure = (share: number) => (100 * share).toFixed(1);
  return interval === null
    ? `${figure(value)} %`
    : `${figure(value)} % (${figure(interval.low)}–${figure(interval.high)})`;
}

/** Published figures of a benchmark, one row a subject: `72.1`, `~47`. */
export function publishedTable(rows: readonly PublishedBenchmark[]) {
  const metrics = [...new Set(rows.map(({ metric }) => metric))];
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  return {
    metrics,
    rows: subjects.map((subject) => ({
      subject,
      figures: metrics.map((metric) =>
        rows
          .filter((row) => row.subject === subject && row.metric === metric)
          .map(({ value, approximate }) => `${approximate ? "~" : ""}${value}`)
          .join(" / "),
      ),
      sources: [
        ...new Set(rows.filter((row) => row.subject === subject).flatMap(({ sources }) => sources)),
      ].map((letters) => PUBLISHED_SOURCES[letters] ?? letters),
      notes: [
        ...new Set(
          rows
            .filter((row) => row.subject === subject)
            .flatMap(({ note }) => (note === undefined ? [] : [note])),
        ),
      ],
    })),
  };
}
