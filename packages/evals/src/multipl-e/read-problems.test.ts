import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { readMultiplProblems } from "./read-problems.ts";

const row = {
  name: "HumanEval_0_add",
  language: "ts",
  prompt: "function add(a: number): number {\n",
  tests: "add(1);",
};

test("rows become problems by name; the function that the prompt leaves open is the one to write", async () => {
  await using folder = await temporaryDirectory("quire-multipl-");
  const file = join(folder.path, "rows.jsonl");
  const prompt =
    "function twice(a: number): number {\n  return 2 * a;\n}\nfunction add(a: number): number {\n";
  writeFileSync(
    file,
    `${JSON.stringify({ ...row, prompt, doctests: "transform", stop_tokens: ["\nclass"] })}\n`,
  );
  const { language, problems } = readMultiplProblems(file);
  expect(language.title).toBe("TypeScript");
  expect([...problems.values()]).toEqual([
    { task_id: "HumanEval_0_add", prompt, test: "add(1);", entry_point: "add", call: "" },
  ]);
});

test.each([
  [[{ ...row, language: "lua" }], /rows\.jsonl:1 is in a language that is not judged here: "lua"/],
  [[row, { ...row, name: "x", language: "js" }], /rows\.jsonl:2 is in "js", but the first row is in "ts"/],
  [[row, row], /rows\.jsonl:2 has the id of line 1: "HumanEval_0_add"/],
  [[{ ...row, tests: 3 }], /rows\.jsonl:1 is not one of the rows of MultiPL-E: tests is number, not string$/],
])("wrong rows are named with their place", async (rows, said) => {
  await using folder = await temporaryDirectory("quire-multipl-");
  const file = join(folder.path, "rows.jsonl");
  writeFileSync(file, rows.map((each) => `${JSON.stringify(each)}\n`).join(""));
  expect(() => readMultiplProblems(file)).toThrow(said);
});
