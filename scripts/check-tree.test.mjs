/** Every rule about files has to catch its breach, and leave the allowed neighbour alone. Run by `npm run check`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileProblems } from "./check-tree.mjs";

/** What must not stand in a tracked file is put together here, because this file is tracked as well. */
const MACHINE = `/${"work"}/main`;
const MOCK = `vi.${"mock"}("./a.ts");`;
const ONLY = `test.${"only"}("a", () => {});`;
const SKIP = `describe.${"skip"}.each([1])("a", () => {});`;
const HOST = `registry.${"example"}.com`;

/** @type {[name: string, file: string, text: string, expected: string[]][]} */
const CASES = [
  ["an ordinary file", "packages/core/src/turn.ts", 'export const a = "src/work/b";\n', []],
  [
    "a path of this machine",
    "docs/a.md",
    `a\nsee ${MACHINE}\n`,
    ["docs/a.md:2: holds a path of one particular machine"],
  ],
  ["a registry host", "docs/a.md", `npm from ${HOST}`, ["docs/a.md:1: names a package registry host"]],
  [
    "a download address in the lock file",
    "package-lock.json",
    '"resolved": "https://a/b.tgz"',
    ["package-lock.json:1: pins a download address; the lock file and .npmrc stay registry-neutral"],
  ],
  [
    "an empty name",
    "packages/core/src/path-utils.ts",
    "",
    ["packages/core/src/path-utils.ts: the name says nothing: find the noun"],
  ],
  [
    "a long file",
    "packages/core/src/turn.ts",
    "\n".repeat(500),
    ["packages/core/src/turn.ts: 501 lines, more than 500: look for the second subject"],
  ],
  ["a long case", "packages/core/test/cases/big/input.ts", "\n".repeat(900), []],
  [
    "a single test left on",
    "packages/core/src/turn.test.ts",
    ONLY,
    [
      "packages/core/src/turn.test.ts:1: leaves a test out; use skipIf with a stated reason if a machine may lack something",
    ],
  ],
  [
    "a skipped table of tests",
    "tests/a.test.ts",
    SKIP,
    ["tests/a.test.ts:1: leaves a test out; use skipIf with a stated reason if a machine may lack something"],
  ],
  [
    "a test that needs something",
    "tests/a.test.ts",
    "test.skipIf(!hasBubblewrap)('a', f); iterator.skip(1);",
    [],
  ],
  [
    "an inner package that reads the clock",
    "packages/core/src/turn.ts",
    "const at = Date.now();",
    [
      "packages/core/src/turn.ts:1: reads the world by itself; take it as a parameter, packages/cli passes the real one",
    ],
  ],
  ["the composition root, which may", "packages/cli/src/system.ts", "const at = Date.now();", []],
  ["a mocked module", "tests/a.test.ts", MOCK, ["tests/a.test.ts:1: mocks a module; pass the dependency in"]],
  [
    "the type checker switched off",
    "packages/core/src/a.ts",
    `// @ts-${"ignore"}`,
    ["packages/core/src/a.ts:1: switches the type checker off"],
  ],
];
for (const [name, file, text, expected] of CASES) {
  test(name, () => assert.deepEqual(fileProblems(file, text), expected));
}
