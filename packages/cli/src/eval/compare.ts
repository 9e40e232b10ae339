import fs from "node:fs";
import path from "node:path";
import { type Comparison, compareRuns, percent, readScoredRows } from "@quire/evals";
import { jsonLine, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "./eval-options.ts";

const HELP = `Compare two runs over the same tasks.

Usage: quire eval compare A B [--json] [--fail-if-worse]

A and B are run folders, results.jsonl files, or what --json printed. The difference comes with a paired bootstrap
interval over tasks; the exact McNemar test looks at the tasks whose first sample only one of the two got right.

  --json            the comparison as one JSON object
  --fail-if-worse   exit with 1 when B got fewer right and the 95 % interval leaves 0 out
`;

/** `quire eval compare`. */
export async function runCompare(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("compare", argv, {
    json: { type: "boolean", default: false },
    "fail-if-worse": { type: "boolean", default: false },
  });
  if (values.help) {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const [a, b, extra] = positionals;
  if (a === undefined || b === undefined || extra !== undefined)
    throw wrongUse("compare", "two runs are compared: quire eval compare A B");
  const comparison = compareRuns(readScoredRows(resultsFile(a)), readScoredRows(resultsFile(b)));
  if (comparison.problems === 0)
    throw wrongUse("compare", `${a} and ${b} have no task in common, so there is nothing to compare`);
  system.stdout.write(values.json ? `${jsonLine(comparison)}\n` : comparisonText(comparison));
  const isWorse = comparison.interval !== null && comparison.interval.high < 0;
  return values["fail-if-worse"] && isWorse ? EXIT.failed : EXIT.done;
}

function resultsFile(place: string): string {
  return fs.statSync(place, { throwIfNoEntry: false })?.isDirectory()
    ? path.join(place, "results.jsonl")
    : place;
}

function comparisonText(comparison: Comparison): string {
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
