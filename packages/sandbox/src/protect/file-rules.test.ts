import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { FileRules } from "../policy.ts";
import { globExpression } from "./file-pattern.ts";
import { PlacedRules, writableFolders } from "./file-rules.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "quire-file-rules-")));
afterAll(() => rmSync(base, { recursive: true, force: true }));
for (const folder of ["ws/src/gen", "ws/private", "real"]) mkdirSync(join(base, folder), { recursive: true });
symlinkSync(join(base, "real"), join(base, "ws/link"));

function rules(changes: Partial<FileRules>): PlacedRules {
  return new PlacedRules({
    source: "a test",
    entries: [],
    patterns: [],
    otherwise: "read",
    system: false,
    ...changes,
  });
}

const at = (path: string): string => join(base, path);

test("the deepest entry decides, for one place deny before write before read", () => {
  const entries = [
    { path: at("ws"), access: "write" as const },
    { path: at("ws/src"), access: "read" as const },
    { path: at("ws/src/gen"), access: "read" as const },
    { path: at("ws/src/gen"), access: "write" as const },
    { path: at("ws/private"), access: "write" as const },
    { path: at("ws/private"), access: "deny" as const },
    { path: at("ws/link"), access: "deny" as const },
  ];
  const placed = rules({ entries });
  expect(
    ["ws/a", "ws/src/a", "ws/src/gen/a", "ws/private/a", "ws/privately", "real/a", "b"].map((path) =>
      placed.accessTo(at(path)),
    ),
  ).toEqual(["write", "read", "write", "deny", "write", "deny", "read"]);
  expect(writableFolders(placed)).toEqual([at("ws"), at("ws/src/gen")]);
  expect(rules({ entries, otherwise: "deny" }).accessTo("/usr/bin/env")).toBe("deny");
  expect(rules({ entries, otherwise: "deny", system: true }).accessTo("/usr/bin/env")).toBe("read");
});

test("what a pattern denies is denied whatever is said of it, with what is below", () => {
  const placed = rules({
    entries: [{ path: at("ws/a.key"), access: "write" }],
    patterns: [{ folder: at("ws"), pattern: "**/*.key" }],
  });
  expect(
    ["ws/a.key", "ws/x/y/b.key/inside", "ws/a.keys", "b.key"].map((path) => placed.accessTo(at(path))),
  ).toEqual(["deny", "deny", "read", "read"]);
});

test.each([
  ["*.env", ["a.env", ".env"], ["a/b.env", "a.envs"]],
  ["**/*.env", ["a.env", "a/b/c.env"], ["a.env/x"]],
  ["secrets/**", ["secrets/a", "secrets/a/b"], ["secrets", "other/secrets/a"]],
  ["?[0-9]", ["a1"], ["a", "ab", "/1"]],
  ["[!a]b", ["cb"], ["ab", "/b"]],
  ["a+(b).{c}", ["a+(b).{c}"], ["aab.c"]],
  ["a[", ["a["], ["a"]],
])("%s", (pattern, matched, others) => {
  const expression = globExpression(pattern);
  expect(matched.filter((path) => !expression.test(path))).toEqual([]);
  expect(others.filter((path) => expression.test(path))).toEqual([]);
});

test("every pattern can be read, and one without wildcards matches itself alone", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => globExpression(text) instanceof RegExp));
  const plain = fc.string({ unit: fc.constantFrom(..."ab/.+^$(){}|\\-]") });
  fc.assert(fc.property(plain, plain, (one, other) => globExpression(one).test(other) === (one === other)));
});
