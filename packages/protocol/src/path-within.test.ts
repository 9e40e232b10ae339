import { expect, test } from "vitest";
import { isWithin } from "./path-within.ts";

test.each([
  ["/srv", "/srv", true],
  ["/srv/a", "/srv", true],
  ["/srv/a/b", "/srv", true],
  ["/srv/..a", "/srv", true],
  ["/srv2", "/srv", false],
  ["/srv\\a", "/srv", false],
  ["/sr", "/srv", false],
  ["/", "/srv", false],
  ["/srv", "/", true],
  ["/", "/", true],
])("%s within %s: %s", (path, root, within) => {
  expect(isWithin(path, root)).toBe(within);
});
