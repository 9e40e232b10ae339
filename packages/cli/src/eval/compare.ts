import fs from "node:fs";
import path from "node:path";
import { compareRuns, readScoredRows } from "@quire/evals";
import { jsonLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { comparisonText } from "./comparison-text.ts";
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
  if (values.help) return showHelp(HELP, system);
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
