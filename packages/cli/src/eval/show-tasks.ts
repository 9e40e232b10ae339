import {
  type EditBytes,
  MOST_DETAIL,
  type RunReport,
  runEditBytes,
  type ScoredRow,
  type SpentRow,
  score,
  spendingByTag,
  tokenDeciles,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import type { System } from "../system.ts";
import { type ShowOptions, showRun, totalUsage, totalUsd } from "./show-run.ts";

/** What is told of each task an agent did. */
type TaskRow = ScoredRow & SpentRow & { readonly edit_bytes?: EditBytes | null | undefined };

/** A run of an agent over tasks, of which every one was done once. */
export interface TaskRunShown<Row extends TaskRow> {
  readonly benchmark: string;
  readonly rows: readonly Row[];
  readonly request: ShowOptions & {
    readonly model: string | undefined;
    /** What stood in for the agent. */
    readonly patch?: string | undefined;
  };
  /** When it began, on the clock that never jumps. */
  readonly startedMs: number;
  /** What a report says about a row that did not pass. */
  readonly detailOf: (row: Row) => string;
  readonly notes: readonly string[];
  /** Joins the summary. */
  readonly more: Readonly<Record<string, unknown>>;
}

/** The last whole lines of what checks printed, as much as a report shows. */
export function endOf(output: string): string {
  return output.length <= MOST_DETAIL ? output : output.slice(-MOST_DETAIL).replace(/^[^\n]*\n/, "");
}

/** Scores such a run, prints it, and writes what was asked for. */
export function showTasks<Row extends TaskRow>(run: TaskRunShown<Row>, system: System): void {
  const { benchmark, rows, request, notes, more } = run;
  const report: RunReport = {
    benchmark,
    unit: "tasks",
    model: request.patch === undefined ? (request.model ?? null) : `${request.patch} patch`,
    date: new Date(system.now()).toISOString(),
    score: score(rows, rows.length, [1]),
    wallSeconds: (system.monotonicMs() - run.startedMs) / 1000,
    usage: totalUsage(rows),
    usd: totalUsd(rows),
    byTag: spendingByTag(rows),
    tokenDeciles: tokenDeciles(rows),
    editBytes: runEditBytes(rows),
    failed: rows.flatMap((row) =>
      row.passed ? [] : [{ task: row.task_id, reason: row.failure ?? "", detail: run.detailOf(row) }],
    ),
    published: PUBLISHED_BENCHMARKS.filter((row) => row.benchmark === benchmark),
    notes,
  };
  showRun(report, rows, request, system, more);
}
