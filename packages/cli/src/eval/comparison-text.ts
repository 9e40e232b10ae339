import { type Comparison, percent } from "@quire/evals";
import { visibleLine } from "@quire/protocol";

/** A comparison in a few lines, B seen against A. */
export function comparisonText(comparison: Comparison): string {
  const { a, b, difference, interval, onlyA, onlyB } = comparison;
  const points = (value: number) => `${value >= 0 ? "+" : ""}${(100 * value).toFixed(1)}`;
  const range = interval === null ? "" : ` (95 %: ${points(interval.low)} to ${points(interval.high)})`;
  const lines = [
    `${comparison.problems} tasks in both: A ${percent(a)}, B ${percent(b)}`,
    `difference ${points(difference)} points${range}`,
    `McNemar, exact: p = ${comparison.pValue.toPrecision(3)} (${onlyB.length} only B, ${onlyA.length} only A)`,
    ...listed("only B got right", onlyB),
    ...listed("only A got right", onlyA),
    ...listed("missing in A", comparison.missingInA),
    ...listed("missing in B", comparison.missingInB),
  ];
  return `${lines.map(visibleLine).join("\n")}\n`;
}

function listed(title: string, tasks: readonly string[]): string[] {
  return tasks.length === 0 ? [] : [`${title}: ${tasks.join(", ")}`];
}
