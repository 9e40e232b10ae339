import { bootstrapInterval, type Interval } from "./bootstrap.ts";
import { mcnemarExact } from "./mcnemar.ts";
import { countByProblem, type ScoredRow } from "./score.ts";

/** Two runs over the same problems, B seen against A. */
export interface Comparison {
  readonly problems: number;
  /** Share of right samples, averaged over problems. */
  readonly a: number;
  readonly b: number;
  /** b - a, with the paired bootstrap's 95 %. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** Problems whose first sample only the one or the other got right. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** McNemar's exact test on those. */
  readonly pValue: number;
  readonly missingInA: readonly string[];
  readonly missingInB: readonly string[];
}

/** Compares two runs by the problems that both have. */
export function compareRuns(a: readonly ScoredRow[], b: readonly ScoredRow[]): Comparison {
  const [countsA, countsB] = [countByProblem(a), countByProblem(b)];
  const [firstA, firstB] = [firstResults(a), firstResults(b)];
  const common = [...countsA.keys()].filter((task) => countsB.has(task));
  const rate = (counts: ReturnType<typeof countByProblem>, task: string): number => {
    const { n, c } = counts.get(task) ?? { n: 1, c: 0 };
    return c / n;
  };
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  const differences = common.map((task) => rate(countsB, task) - rate(countsA, task));
  const onlyA = common.filter((task) => firstA.get(task) && !firstB.get(task));
  const onlyB = common.filter((task) => firstB.get(task) && !firstA.get(task));
  return {
    problems: common.length,
    a: mean(common.map((task) => rate(countsA, task))),
    b: mean(common.map((task) => rate(countsB, task))),
    difference: mean(differences),
    interval: bootstrapInterval(differences) ?? null,
    onlyA,
    onlyB,
    pValue: mcnemarExact(onlyB.length, onlyA.length),
    missingInA: [...countsB.keys()].filter((task) => !countsA.has(task)),
    missingInB: [...countsA.keys()].filter((task) => !countsB.has(task)),
  };
}

function firstResults(rows: readonly ScoredRow[]): Map<string, boolean> {
  const first = new Map<string, boolean>();
  for (const { task_id, passed } of rows) if (!first.has(task_id)) first.set(task_id, passed);
  return first;
}
