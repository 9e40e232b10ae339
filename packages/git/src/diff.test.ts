import { expect, test } from "vitest";
import { parseChangedFiles } from "./diff.ts";

const A = "a".repeat(40);

test("raw records and numbers are joined", () => {
  const text = [
    `:100644 100644 ${A} ${A} M`,
    "one",
    `:100644 100644 ${A} ${A} R090`,
    "old",
    "new\t1",
    `:000000 100644 ${A} ${A} A`,
    "picture",
    `:000000 000000 ${A} ${A} U`,
    "both",
    "1\t2\tone",
    "3\t0\t",
    "old",
    "new\t1",
    "-\t-\tpicture",
    "",
  ].join("\0");
  expect(parseChangedFiles(text)).toEqual([
    { path: "one", status: "modified", lines: { added: 1, deleted: 2 } },
    { path: "new\t1", status: "renamed", from: "old", lines: { added: 3, deleted: 0 } },
    { path: "picture", status: "added", lines: null },
    { path: "both", status: "unmerged", lines: null },
  ]);
});

test.each([":100644 100644 a b M\0", "1\t2\tnever named\0", "what\0", "cut"])("%j is no answer", (text) => {
  expect(parseChangedFiles(text)).toBeUndefined();
});
