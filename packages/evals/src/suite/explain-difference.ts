import type { TaskResult } from "./run-task.ts";

/** A sentence for each task that went otherwise in the second run, and what each run says about it. */
export function explainDifference(first: readonly TaskResult[], second: readonly TaskResult[]): string[] {
  const others = new Map(second.map((row) => [row.task_id, row]));
  return first.flatMap((one) => {
    const other = others.get(one.task_id);
    if (other === undefined || other.passed === one.passed) return [];
    const [better, worse] = one.passed ? [one, other] : [other, one];
    return `${one.task_id}: ${one.passed ? "passed before, fails now" : "failed before, passes now"} (${worse.failure}); the one that passed changed ${names(better.changed)}, the other ${names(worse.changed)}`;
  });
}

function names(files: readonly string[]): string {
  return files.length === 0 ? "nothing" : files.slice(0, 5).join(", ");
}
