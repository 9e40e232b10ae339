import { expect, test } from "vitest";
import { mayEdit, readTask, steer } from "./task.ts";

test.each([
  "Fix the failing test.",
  "make the tests pass",
  "The tests fail. Fix the bug.",
  "npm test fails, please repair it",
  "there is a bug in src/a.py, please fix it",
  "debug why test_add is failing",
  "fix it",
  "Refactor nothing, just get the broken test green",
])("in scope: %s", (text) => {
  expect(readTask(text).inScope).toBe(true);
});

test.each([
  "Add a dark mode",
  "Write tests for the parser",
  "Explain this repository",
  "What does main.py do?",
  "Review my changes",
  "Rename the function foo to bar",
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
  expect(steer(readTask("fix the bug"), "stop!").stop).toBe(true);
  expect(readTask("fix the bug that makes the server stop").stop).toBe(false);
});
