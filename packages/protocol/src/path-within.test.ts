import { expect, test } from "vitest";
import { isWithin } from "./path-within.ts";

test.each([
  ["/work", "/work", true],
  ["/work/a", "/work", true],
  ["/work/a/b", "/work", true],
  ["/work/..a", "/work", true],
  ["/work2", "/work", false],
  ["/work\\a", "/work", false],
  ["/wor", "/work", false],
  ["/", "/work", false],
  ["/work", "/", true],
  ["/", "/", true],
])("%s within %s: %s", (path, root, within) => {
  expect(isWithin(path, root)).toBe(within);
});
