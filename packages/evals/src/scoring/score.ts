import { bootstrapInterval, type Interval } from "./bootstrap.ts";
import { type ProblemCount, passAtK } from "./pass-at-k.ts";

/** What scoring needs of one result. */
export interface ScoredRow {
  readonly task_id: string;
  readonly passed: boolean;
  /** Why not, in one or two words; null or absent for one that passed. */
  readonly failure?: string | null | undefined;
}

/** One estimate with its 95 % bootstrap interval over problems. */
export interface Estimate {
  readonly k: number;
  /** Between 0 and 1. */
  readonly value: number;
  readonly interval: Interval | null;
}

export interface Score {
  readonly problems: number;
  /** Problems with at least one sample; the estimates are over these. */
  readonly attempted: number;
  readonly samples: number;
  readonly passed: number;
  /** Without those k for which some problem has too few samples. */
  readonly estimates: readonly Estimate[];
  /** How many failed for which reason, most first. */
  readonly failures: ReadonlyArray<{ readonly reason: string; readonly count: number }>;
}

/** Scores results of a benchmark of `problems` problems. */
export function score(rows: readonly ScoredRow[], problems: number, ks: readonly number[]): Score {
  const counts = [...countByProblem(rows).values()];
  const failures = new Map<string, number>();
  for (const { passed, failure } of rows) {
    if (!passed) failures.set(failure ?? "failed", (failures.get(failure ?? "failed") ?? 0) + 1);
  }
  return {
    problems,
    attempted: counts.length,
    samples: rows.length,
    passed: rows.filter(({ passed }) => passed).length,
    estimates: [...new Set(ks)].flatMap((k) => {
      if (counts.length === 0 || counts.some(({ n }) => n < k)) return [];
      const values = counts.map((count) => passAtK(count, k));
      const value = values.reduce((sum, each) => sum + each, 0) / values.length;
      return [{ k, value, interval: bootstrapInterval(values) ?? null }];
    }),
    failures: [...failures]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}

/** Samples and right ones of each problem, in the order in which problems first occur. */
export function countByProblem(rows: readonly ScoredRow[]): Map<string, ProblemCount> {
  const counts = new Map<string, ProblemCount>();
  for (const { task_id, passed } of rows) {
    const { n, c } = counts.get(task_id) ?? { n: 0, c: 0 };
    counts.set(task_id, { n: n + 1, c: c + (passed ? 1 : 0) });
  }
  return counts;
}
