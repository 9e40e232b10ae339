import fc from "fast-check";
import { expect, test } from "vitest";
import { mayEdit, readTask, saysStop, steer } from "./task.ts";

test.each([
  "Fix the failing test.",
  "make the tests pass",
  "The tests fail. Fix the bug.",
  "npm test fails, please repair it",
  "there is a bug in src/a.py, please fix it",
  "debug why test_add is failing",
  "fix it",
  "Refactor nothing, just get the broken test green",
  "The test hangs. Fix the bug.",
  "Behebe den fehlschlagenden Test",
  "Repariere die kaputten Tests",
  "corrige los tests que fallan",
  "arregla la prueba que no pasa",
  "Corrige le test qui échoue",
  "Correggi il test che fallisce",
  "Corrija os testes que falham",
])("in scope: %s", (text) => {
  expect(readTask(text).inScope).toBe(true);
});

test.each([
  "Add a dark mode",
  "Write tests for the parser",
  "Explain this repository",
  "Explain why the tests fail",
  "What does main.py do?",
  "Review my changes",
  "Rename the function foo to bar",
  "write me a web server in Rust",
  "Fix the spelling in the README",
  "Schreibe einen Webserver",
  "",
])("out of scope: %s", (text) => {
  expect(readTask(text).inScope).toBe(false);
});

test.each([
  ["make `python3 -m pytest tests/unit` pass", "python3 -m pytest tests/unit"],
  ["Fix the bug. Use `$ npm run test:unit` to check", "npm run test:unit"],
  ["fix the bug and run npm test again", "npm test"],
  ["the tests fail when running pytest tests/a.py, fix them", "pytest tests/a.py"],
  ["fix the failing test in `src/a.py`", null],
  ["I use node 20.11.0 and the tests fail", null],
  ["I ran pytest and it fails", null],
  ["fix it, run `./scripts/check.sh --all`", "./scripts/check.sh --all"],
  ["fix `foo` so that the test passes", null],
])("the command in: %s", (text, command) => {
  expect(readTask(text).command).toBe(command);
});

test("files that may be edited, must not be, or are worth a look", () => {
  const task = readTask("Fix the failing test in lib/sum.js. Don't touch lib/core.js.");
  expect(task).toMatchObject({
    only: [],
    excluded: ["lib/core.js"],
    mentioned: ["lib/sum.js", "lib/core.js"],
  });
  expect(mayEdit(task, "lib/sum.js")).toBe(true);
  expect(mayEdit(task, "lib/core.js")).toBe(false);
  const steered = steer(task, "only look at ./lib/sum.js please");
  expect([mayEdit(steered, "lib/sum.js"), mayEdit(steered, "lib/other.js")]).toEqual([true, false]);
});

test("budgets and stops", () => {
  expect(readTask("Fix the bug within 2 minutes").seconds).toBe(120);
  expect(readTask("Fix the bug. Take at most 10 seconds.").seconds).toBe(10);
  expect(readTask("Fix the 3 failing tests").seconds).toBeNull();
  expect(saysStop("stop!")).toBe(true);
  expect(saysStop("fix the bug that makes the server stop")).toBe(false);
});

test.each([
  ["Fix it, only edit src/a.py and src/b.py", { "src/a.py": true, "src/b.py": true, "src/c.py": false }],
  ["Fix it, but only in src/", { "src/a.py": true, "lib/a.py": false }],
  [
    "Fix it without touching src/core/ or lib/x.js",
    { "src/core/a.py": false, "lib/x.js": false, "src/a.py": true },
  ],
  ["Behebe den Fehler, aber ändere core.py nicht", { "core.py": false, "a.py": true }],
  ["corrige el test pero no toques core.py", { "core.py": false, "a.py": true }],
  ["The test does not pass in src/a.py, please fix it", { "src/a.py": true }],
  ["corrige el test que no pasa en src/a.py", { "src/a.py": true }],
  ["Corrige le test qui ne passe pas dans src/a.py", { "src/a.py": true }],
  ["Fix the failing test in lib/sum.js", { "test/sum.js": false, "lib/sum.js": true, "lib/other.js": true }],
])("what may be edited: %s", (text, files) => {
  const task = readTask(text);
  expect(Object.fromEntries(Object.keys(files).map((path) => [path, mayEdit(task, path)]))).toEqual(files);
});

test("long words and many paths cost no time to speak of", () => {
  const parts = fc.constantFrom("a", "/", ".", "a.py", " ", "only ", "not ", "-", "npm ", "`");
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 300 }), (words) => {
      const { only, excluded, mentioned } = readTask(words.join(""));
      for (const path of [...only, ...excluded]) expect(mentioned).toContain(path);
    }),
  );
  readTask(`not a/${"a".repeat(2_000)}, only ${"b/".repeat(2_000)} x`);
});

test("any text is read, and what is excluded stays so whatever is said later", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (first, later) => {
      const task = steer(readTask(`${first} do not touch a/core.py`), later);
      expect(mayEdit(task, "a/core.py")).toBe(false);
      expect(task.seconds === null || (task.seconds >= 2 && task.seconds <= 600)).toBe(true);
    }),
  );
});
