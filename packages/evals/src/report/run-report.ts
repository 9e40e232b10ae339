import {
  BENCHMARK_CAVEAT,
  PUBLISHED_SOURCES,
  PUBLISHED_TASK_COSTS,
  type PublishedBenchmark,
} from "@quire/models";
import type { TokenUsage } from "@quire/protocol";
import type { RunEditBytes } from "../editing/edit-bytes.ts";
import type { Score } from "../scoring/score.ts";
import type { TagSpending } from "../scoring/spending.ts";

/** Everything a report says about one run. */
export interface RunReport {
  readonly benchmark: string;
  /** What its rows are called. */
  readonly unit: "samples" | "tasks";
  /** What was measured; null for samples of unknown origin. */
  readonly model: string | null;
  /** ISO 8601. */
  readonly date: string;
  readonly score: Score;
  readonly wallSeconds: number;
  readonly usage: TokenUsage | null;
  /** Null where a price is unknown. */
  readonly usd: number | null;
  /** Empty where rows have no tags. */
  readonly byTag: readonly TagSpending[];
  /** Mean tokens of each tenth of the rows, smallest first; null where too few are known. */
  readonly tokenDeciles: readonly number[] | null;
  /** How edits were made; null where nobody edited, or where it is not known. */
  readonly editBytes: RunEditBytes | null;
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

/** `293 of 492 samples passed, 164 of 164 problems attempted`; a task is done once. */
export function passedWords({ unit, score }: Pick<RunReport, "unit" | "score">): string {
  const passed = `${score.passed} of ${score.samples} ${unit} passed`;
  return unit === "tasks" ? passed : `${passed}, ${score.attempted} of ${score.problems} problems attempted`;
}

/** Over the list of what failed. */
export function failedTitle(unit: RunReport["unit"]): string {
  return unit === "tasks" ? "Tasks that failed" : "Samples that failed";
}

/** `$0.0123`, or that nobody knows. */
export function money(usd: number | null): string {
  return usd === null ? "cost unknown" : `$${usd.toFixed(4)}`;
}

const TAG_HEAD = [
  "kind of work",
  "tasks",
  "passed",
  "tokens",
  "cost",
  "seconds",
  `cost of one, ${BENCHMARK_CAVEAT}`,
];

/** What each kind of work took, beside what is published of one such task. No rows where there are no tags. */
export function tagTable({ byTag }: Pick<RunReport, "byTag">) {
  const rows = byTag.map(({ tag, tasks, passed, tokens, usd, seconds }) => [
    tag,
    String(tasks),
    String(passed),
    tokens === null ? "unknown" : String(tokens),
    usd === null ? "unknown" : money(usd),
    seconds.toFixed(1),
    PUBLISHED_TASK_COSTS[tag] ?? "",
  ]);
  return { head: TAG_HEAD, rows };
}

/** The notes, how tokens are spread, and how edits were made, where that is known. */
export function allNotes(
  run: Pick<RunReport, "notes" | "tokenDeciles" | "editBytes" | "unit" | "score">,
): string[] {
  const { notes, tokenDeciles, unit } = run;
  const tenths =
    tokenDeciles === null
      ? []
      : [`Mean tokens by tenths of the ${unit}, from the smallest: ${tokenDeciles.join(", ")}.`];
  return [...notes, ...tenths, ...editNotes(run)];
}

/** In words that nobody takes for a score. */
function editNotes({ editBytes, unit, score }: Pick<RunReport, "editBytes" | "unit" | "score">): string[] {
  if (editBytes === null || editBytes.written_per_changed === null) return [];
  const { written, changed, written_per_changed, tasks } = editBytes;
  const figures = `${written} written for edits, ${changed} changed, ${tasks} of ${score.samples} ${unit}`;
  return [
    `Bytes written per byte changed: ${written_per_changed.toFixed(2)} (${figures}). It says how edits were made, not how good they are.`,
  ];
}

/** Our own estimates under the metrics of published ones; none where there is nothing to stand beside. */
export function ownFigures({ score }: Pick<RunReport, "score">, metrics: readonly string[]): string[] {
  return metrics.map((metric) => {
    const own = score.estimates.find(({ k }) => `pass@${k}` === metric);
    return own === undefined ? "" : (100 * own.value).toFixed(1);
  });
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
