import { expect, test } from "vitest";
import { isTestPath, languageOf } from "./language.ts";

test.each([
  ["src/a.py", false],
  ["tests/a.py", true],
  ["test_a.py", true],
  ["pkg/a_test.py", true],
  ["conftest.py", true],
  ["contest.py", false],
  ["latest.js", false],
  ["a.test.ts", true],
  ["a.spec.jsx", true],
  ["test.js", true],
  ["lib/test-a.mjs", true],
  ["__tests__/a.js", true],
  ["src/testing.ts", false],
  ["attest/a.js", false],
])("%s is a test: %s", (path, expected) => {
  expect(isTestPath(path)).toBe(expected);
});

test("languages go by extension", () => {
  expect(["a.py", "a.cjs", "a.mts", "a.rs", "py"].map(languageOf)).toEqual([
    "python",
    "javascript",
    "typescript",
    null,
    "python",
  ]);
});
