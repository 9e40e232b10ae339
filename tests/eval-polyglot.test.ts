import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  patches,
  quireHomeIn,
  runQuire,
  says,
  scriptedResponses,
  temporaryDirectory,
} from "@quire/test-support";
import { expect, test } from "vitest";

/** Two tiny exercises of our own in Exercism's layout. */
const FILES: Readonly<Record<string, string>> = {
  "python/exercises/practice/greet/.docs/instructions.md": "# Greet\n\nGreet somebody by name.\n",
  "python/exercises/practice/greet/.meta/config.json": JSON.stringify({
    files: { solution: ["greet.py"], test: ["greet_test.py"], example: [".meta/example.py"] },
  }),
  "python/exercises/practice/greet/.meta/example.py": 'def greet(name):\n    return f"Hello, {name}!"\n',
  "python/exercises/practice/greet/greet.py": "def greet(name):\n    pass\n",
  "python/exercises/practice/greet/greet_test.py":
    'import unittest\nfrom greet import greet\n\nclass GreetTest(unittest.TestCase):\n    def test_ada(self):\n        self.assertEqual(greet("Ada"), "Hello, Ada!")\n',
  "javascript/exercises/practice/twice/.docs/instructions.md": "# Twice\n\nThe number two times.\n",
  "javascript/exercises/practice/twice/.meta/config.json": JSON.stringify({
    files: { solution: ["twice.js"], test: ["twice.spec.js"], example: [".meta/proof.ci.js"] },
  }),
  "javascript/exercises/practice/twice/.meta/proof.ci.js": "exports.twice = (number) => number * 2;\n",
  "javascript/exercises/practice/twice/twice.js": "exports.twice = () => 4;\n",
  // The second one is switched off, as in every exercise of Exercism's.
  "javascript/exercises/practice/twice/twice.spec.js":
    'const { test } = require("node:test"); const xtest = () => {};\nconst assert = require("node:assert");\nconst { twice } = require("./twice.js");\ntest("two", () => assert.equal(twice(2), 4));\nxtest("three", () => assert.equal(twice(3), 6));\n',
};
const TESTS = [
  ...["--test", "python=python3 -B -m unittest -q TESTS"],
  ...["--test", "javascript=node --test TESTS"],
];

async function world() {
  const folder = await temporaryDirectory("quire-polyglot-test-");
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder.path, "clone", name)), { recursive: true });
    await writeFile(join(folder.path, "clone", name), text);
  }
  await mkdir(quireHomeIn(folder.path));
  return {
    folder: folder.path,
    async polyglot(...args: string[]) {
      const argv = ["eval", "polyglot", join(folder.path, "clone"), ...TESTS, "--json", ...args];
      const run = await runQuire(argv, { home: folder.path, timeoutMs: 90_000 });
      expect(run.stderr).not.toMatch(/error/i);
      return JSON.parse(run.stdout);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function tries(summary: { results: readonly { task_id: string; tries: boolean[] }[] }) {
  return summary.results.map(({ task_id, tries }) => [task_id, ...tries]);
}

test("known solutions pass at once; what was left empty fails, tests that are switched off included", async () => {
  await using w = await world();
  expect(tries(await w.polyglot("--patch", "gold"))).toEqual([
    ["python/greet", true],
    ["javascript/twice", true],
  ]);
  expect(tries(await w.polyglot("--patch", "null"))).toEqual([
    ["python/greet", false],
    ["javascript/twice", false],
  ]);
});

test("a second try in the same thread is shown what the tests printed; the tests themselves stay hidden", async () => {
  await using w = await world();
  const write = (before: string, after: string) =>
    patches(`*** Begin Patch\n*** Update File: greet.py\n@@\n-    ${before}\n+    ${after}\n*** End Patch`);
  await using server = await scriptedResponses([
    write("pass", 'return "Hello"'),
    says("Done."),
    write('return "Hello"', 'return f"Hello, {name}!"'),
    says("Corrected."),
  ]);
  await writeFile(
    join(quireHomeIn(w.folder), "config.toml"),
    `model = "gpt-5.3-codex"\nmodel_provider = "scripted"\n[model_providers.scripted]\nbase_url = "${server.url}"\nwire_api = "responses"\n`,
  );
  const summary = await w.polyglot("--only", "python/greet", "--out", join(w.folder, "run"));
  expect(summary).toMatchObject({
    pass_rate_1: 0,
    pass_rate_2: 1,
    results: [{ tries: [false, true], passed: true, failure: null, message: "Corrected." }],
  });
  const [first, , second] = server.requests.map(({ inputTexts }) => inputTexts.join("\n"));
  expect(first).toContain("Greet somebody by name.");
  expect(first).not.toMatch(/greet_test|Ada/);
  expect(second).toMatch(/AssertionError: 'Hello' != 'Hello, Ada!'[\s\S]*The tests are right/);
  // A finished exercise is not done again.
  await w.polyglot("--only", "python/greet", "--out", join(w.folder, "run"));
  expect(server.requests).toHaveLength(4);
});

test.each<[args: string[], said: RegExp]>([
  [[], /give the folder of one clone/],
  [["nowhere"], /does not look like a clone of the polyglot benchmark/],
  [["nowhere", "--language", "cobol"], /--language is one of python, javascript/],
  [["nowhere", "--test", "python"], /--test takes LANGUAGE=COMMAND/],
])("wrong use %j is explained", async (args, said) => {
  await using folder = await temporaryDirectory("quire-polyglot-test-");
  const run = await runQuire(["eval", "polyglot", ...args], { home: folder.path });
  expect([run.exitCode, run.stderr]).toEqual([2, expect.stringMatching(said)]);
});
