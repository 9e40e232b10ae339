import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { readSwebenchReport } from "./swebench.ts";

test("a report of SWE-bench's harness becomes rows; another file is refused", async () => {
  await using folder = await temporaryDirectory("quire-swebench-");
  const file = join(folder.path, "report.json");
  writeFileSync(
    file,
    JSON.stringify({
      submitted_ids: ["a", "b", "c", "d"],
      resolved_ids: ["a"],
      unresolved_ids: ["b"],
      empty_patch_ids: ["c"],
      schema_version: 2,
    }),
  );
  expect(readSwebenchReport(file)).toEqual([
    { task_id: "a", passed: true },
    { task_id: "b", passed: false, failure: "unresolved" },
    { task_id: "c", passed: false, failure: "empty patch" },
    { task_id: "d", passed: false, failure: "not evaluated" },
  ]);
  writeFileSync(file, "{}");
  expect(() => readSwebenchReport(file)).toThrow(/is not a report of SWE-bench's harness/);
});
