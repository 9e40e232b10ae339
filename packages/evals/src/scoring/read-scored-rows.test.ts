import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { readScoredRows } from "./read-scored-rows.ts";

test.each([
  [
    "of a sample that was judged again the last row counts",
    [
      { task_id: "a", completion_id: 0, passed: false, failure: "timed out" },
      { task_id: "a", completion_id: 1, passed: true, failure: null },
      { task_id: "a", completion_id: 0, passed: true, failure: null },
    ],
    [true, true],
  ],
  [
    "rows without numbers, as OpenAI's harness writes them, all count",
    [
      { task_id: "a", completion: "x", passed: true, result: "passed" },
      { task_id: "a", completion: "x", passed: false, result: "timed out" },
    ],
    [true, false],
  ],
])("%s", async (_, rows, passed) => {
  await using folder = await temporaryDirectory("quire-rows-");
  const file = join(folder.path, "results.jsonl");
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  expect(readScoredRows(file).map((row) => row.passed)).toEqual(passed);
  writeFileSync(file, JSON.stringify({ results: rows }));
  expect(readScoredRows(file).map((row) => row.passed)).toEqual(passed);
});
