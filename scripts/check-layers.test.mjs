/** The layer checker has to catch one breach of each rule, and nothing in a clean tree. Run by `npm run check`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, layerProblems } from "./check-layers.mjs";

const ROOT = new Set(["vitest", "fast-check"]);

/**
 * @param {string} folder
 * @param {Record<string, string>} files
 * @param {import("./check-layers.mjs").Manifest} [manifest]
 */
const pkg = (folder, files, manifest = {}) => ({
  folder,
  manifest: { name: `@quire/${folder}`, ...manifest },
  sources: Object.entries(files).map(([file, text]) => ({ file, text })),
});
/** @param {...string} names */
const on = (...names) => ({
  dependencies: Object.fromEntries(names.map((name) => [`@quire/${name}`, "0.1.0"])),
});

test("a tree that obeys the rules has no problems", () => {
  const tree = [
    pkg(
      "protocol",
      { "src/index.ts": 'export { a } from "./a.ts";', "src/a.ts": 'import * as z from "zod/mini";' },
      { dependencies: { zod: "4" } },
    ),
    pkg(
      "core",
      {
        "src/turn.ts":
          'import {\n  a, // the item\n} from "@quire/protocol";\nconst t = await import("@quire/tools");',
      },
      on("protocol", "tools"),
    ),
    pkg(
      "core",
      {
        "src/turn.test.ts":
          'import { server } from "@quire/test-support";\nimport { test } from "vitest";\nimport * as all from "./index.ts";',
      },
      { devDependencies: { "@quire/test-support": "0.1.0" } },
    ),
    pkg("tui", { "src/app.ts": 'import { connect } from "@quire/client";' }, on("client", "protocol")),
    pkg("test-support", { "src/server.ts": 'import type { Item } from "@quire/protocol";' }, on("protocol")),
  ];
  assert.deepEqual(layerProblems(tree, ROOT), []);
});

/** @type {[string, ReturnType<typeof pkg>, string[]][]} */
const breaches = [
  [
    "up",
    pkg("models", { "src/a.ts": 'import { x } from "@quire/core";' }, on("core")),
    [
      "packages/models/package.json: depends on @quire/core: up: row 2 may not import row 4",
      "packages/models/src/a.ts: imports @quire/core: up: row 2 may not import row 4",
    ],
  ],
  [
    "sideways",
    pkg("tools", { "src/a.ts": 'export * from "@quire/offline-repair";' }, on("offline-repair")),
    [
      "packages/tools/package.json: depends on @quire/offline-repair: sideways: both are in row 3",
      "packages/tools/src/a.ts: imports @quire/offline-repair: sideways: both are in row 3",
    ],
  ],
  [
    "cli is imported by nobody",
    pkg("evals", { "src/a.ts": 'const c = import("@quire/cli");' }, on("cli")),
    [
      "packages/evals/package.json: depends on @quire/cli: nobody imports cli",
      "packages/evals/src/a.ts: imports @quire/cli: nobody imports cli",
    ],
  ],
  [
    "a front end reaches past the client",
    pkg("web", { "src/a.ts": 'import type { T } from "@quire/core";' }, on("core")),
    [
      "packages/web/package.json: depends on @quire/core: web may import only client and protocol",
      "packages/web/src/a.ts: imports @quire/core: web may import only client and protocol",
    ],
  ],
  [
    "test-support outside tests",
    pkg("core", { "src/a.ts": 'import "@quire/test-support";' }, on("test-support")),
    [
      "packages/core/package.json: depends on @quire/test-support: test-support is for tests and devDependencies only",
      "packages/core/src/a.ts: imports @quire/test-support: test-support is for tests and devDependencies only",
    ],
  ],
  [
    "test-support imports upwards",
    pkg("test-support", {}, on("models")),
    ["packages/test-support/package.json: depends on @quire/models: sideways: both are in row 2"],
  ],
  [
    "undeclared workspace package",
    pkg("core", { "src/a.ts": 'import { x } from "@quire/protocol";' }),
    ["packages/core/src/a.ts: imports @quire/protocol, which its package.json does not declare"],
  ],
  [
    "undeclared npm package",
    pkg("core", { "src/a.ts": 'import y from "yaml/parse";' }),
    ["packages/core/src/a.ts: imports yaml, which its package.json does not declare"],
  ],
  [
    "a development tool outside tests",
    pkg("core", { "src/a.ts": 'import { it } from "vitest";' }),
    ["packages/core/src/a.ts: imports vitest, which its package.json does not declare"],
  ],
  [
    "own index",
    pkg("core", { "src/turn/a.ts": 'import { x } from "../index.ts";' }),
    ["packages/core/src/turn/a.ts: imports its own index.ts: import the file that has the name"],
  ],
  [
    "own name",
    pkg("core", { "src/a.ts": 'import { x } from "@quire/core";' }),
    ["packages/core/src/a.ts: imports itself by name (@quire/core): use a relative path"],
  ],
  [
    "into a neighbour's folder",
    pkg("core", { "src/a.ts": 'import { x } from "../../tools/src/a.ts";' }),
    ["packages/core/src/a.ts: ../../tools/src/a.ts leaves the package: import it by its package name"],
  ],
  [
    "no row",
    pkg("telepathy", {}),
    [
      "packages/telepathy: has no row: add it to ROWS in scripts/check-layers.mjs and to docs/architecture.md",
    ],
  ],
  [
    "a name that is not its folder's",
    pkg("core", {}, { name: "@quire/heart" }),
    ["packages/core: is named @quire/heart, not @quire/core"],
  ],
];
for (const [name, breach, expected] of breaches) {
  test(`caught: ${name}`, () => assert.deepEqual(layerProblems([breach], ROOT), expected));
}

test("imports are read from every form of the statement, and not from comments", () => {
  const text = [
    'import a from "a";',
    "import 'b';",
    'import type { C } from "c/deep";',
    'export {\n  d,\n  type D,\n} from "@s/d";',
    'export * as e from "e";',
    'const f = await import("f");',
    'type G = import("g").G;',
    '// import "no1";',
    ' * import { x } from "no2";',
    'const s = `x`; export const from = "no3";',
  ].join("\n");
  assert.deepEqual(importsOf(text), ["a", "b", "c/deep", "@s/d", "e", "f", "g"]);
});
