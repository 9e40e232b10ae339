import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { isToolCall, messageText } from "@quire/protocol";
import { describe, expect, test } from "vitest";
import { answerKind } from "../src/index.ts";
import { createWorkspace, runTurn } from "./run-turn.ts";

const root = join(import.meta.dirname, "../../..");

/** Command lines of processes that a turn in this folder has left behind. */
function leftovers(folder: string): string[] {
  const list = execFileSync("sh", [
    "-c",
    `grep -lz "QUIRE_TEST_MARK=${folder}" /proc/[0-9]*/environ 2>/dev/null; true`,
  ]);
  return list
    .toString()
    .split("\n")
    .filter((line) => line !== "");
}

const COUNTING = {
  "counting.py": [
    "def count_up(limit):",
    '    """Numbers from one to the limit, both included."""',
    "    found = []",
    "    for number in range(1, limit):",
    "        found.append(number)",
    "    return found",
    "",
    "",
    "def average(values):",
    "    return sum(values) / len(values)",
    "",
  ].join("\n"),
};

describe("Python", () => {
  test("an edit has to keep to the examples in the docstring of its function", async () => {
    const source = [
      "def smallest(values):",
      '    """The smallest value.',
      "",
      "    >>> smallest([4, 2, 7])",
      "    2",
      "    smallest([5, -1]) == -1",
      '    """',
      "    return max(values)",
      "",
    ].join("\n");
    const files = { "test_smallest.py": "from smallest import smallest\n\nassert smallest([1, 3]) == 1\n" };
    await using workspace = await createWorkspace({ "smallest.py": source, ...files });
    const { answer } = await runTurn({ folder: workspace.folder, task: "Fix the failing test." });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("smallest.py")).toBe(source.replace("max(", "min("));
    const unlike = source.replace("    2\n", "    7\n");
    await using other = await createWorkspace({ "smallest.py": unlike, ...files });
    const refused = await runTurn({ folder: other.folder, task: "Fix the failing test.", seconds: 20 });
    expect(answerKind(refused.answer)).toBe("not-repaired");
    expect(refused.answer).toContain("contradict an example in the source");
    expect(await other.read("smallest.py")).toBe(unlike);
  });

  test("repairs a function that unittest tests cover, and says what it did", async () => {
    await using workspace = await createWorkspace({
      ...COUNTING,
      "tests/test_counting.py": [
        "import unittest",
        "from counting import average, count_up",
        "",
        "class CountingTest(unittest.TestCase):",
        "    def test_count_up(self):",
        "        result = count_up(3)",
        "        self.assertEqual(result, [1, 2, 3])",
        "    def test_average(self):",
        "        self.assertEqual(average([1, 3]), 2)",
        "",
      ].join("\n"),
    });
    const { answer, items } = await runTurn({ folder: workspace.folder, task: "Fix the failing test." });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("counting.py")).toBe(
      COUNTING["counting.py"].replace("limit):\n        f", "limit + 1):\n        f"),
    );
    const lines = answer.split("\n");
    expect(lines.filter((line) => !/^(Search|Doubt| {2})/.test(line))).toEqual([
      "Offline repair engine (a search program, not a language model).",
      "Repaired: counting.py:4, in `count_up`: the value is one too low: `limit` should be `limit + 1`.",
      "```diff",
      "-    for number in range(1, limit):",
      "+    for number in range(1, limit + 1):",
      "```",
      "Why there: what fails in the tests runs this line, and what passes does not.",
      expect.stringMatching(
        /^Tests: before 1 passed, 1 failed; after 2 passed, 0 failed\. Command: `.*-m unittest/,
      ),
      expect.stringMatching(
        /^Failing before: .*test_count_up.*: AssertionError: Lists differ: \[1, 2\] != \[1, 2, 3\]$/,
      ),
      "Passing tests is not proof: read the edit before you keep it.",
    ]);
    expect(answer).toMatch(
      /^Search: \d+ of \d+ candidate edits tried .* the edit was candidate \d+ \(template "off-by-one"\)\.$/m,
    );
    expect(answer).toMatch(/^Doubt: /m);
    expect(items.filter((item) => item.type === "custom_tool_call")).toHaveLength(1);
    expect(await workspace.names()).toEqual(["counting.py", "tests", "tests/test_counting.py"]);
    expect(leftovers(workspace.folder)).toEqual([]);
  });

  test("repairs with a plain script of asserts and keeps line ends and non-ASCII text", async () => {
    const source =
      'NAMES = ["Zoë 🦊", "Ada"]\r\n\r\n\r\ndef initials(names):\r\n    return [name[1] for name in names]\r\n';
    await using workspace = await createWorkspace({
      "names.py": source,
      "test_names.py":
        'from names import NAMES, initials\n\nassert initials(NAMES) == ["Z", "A"]\nassert initials([]) == []\nprint("ok")\n',
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "make `python3 test_names.py` pass" });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("names.py")).toBe(source.replace("name[1]", "name[0]"));
  });

  test("runs unittest folders with modules of the same name, and doctest", async () => {
    const unit = (name: string, check: string) =>
      [
        "import unittest",
        `from counting import ${name}`,
        "",
        "class CountingTest(unittest.TestCase):",
        "    def test(self):",
        `        self.assertEqual(${check})`,
        "",
      ].join("\n");
    const repaired = COUNTING["counting.py"].replace("limit):\n        f", "limit + 1):\n        f");
    await using workspace = await createWorkspace({
      ...COUNTING,
      "a/test_one.py": unit("average", "average([1, 3]), 2"),
      "b/test_one.py": unit("count_up", "count_up(3), [1, 2, 3]"),
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "Fix the failing test." });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("counting.py")).toBe(repaired);
    await using documented = await createWorkspace({
      ...COUNTING,
      "counting.txt": ">>> from counting import count_up\n>>> count_up(3)\n[1, 2, 3]\n",
    });
    const task = "make `python3 -m doctest counting.txt` pass";
    const doctest = await runTurn({ folder: documented.folder, task });
    expect(answerKind(doctest.answer)).toBe("repaired");
    expect(await documented.read("counting.py")).toBe(repaired);
  });

  test("finds the loop that never ends within its budget and leaves no process", async () => {
    await using workspace = await createWorkspace({
      "halving.py":
        "def halvings(number):\n    steps = 0\n    while number > 1:\n        number = number * 2\n        steps += 1\n    return steps\n",
      "test_halving.py": "from halving import halvings\n\nassert halvings(8) == 3\nassert halvings(1) == 0\n",
    });
    const began = performance.now();
    const { answer } = await runTurn({
      folder: workspace.folder,
      task: "The test hangs. Fix the bug.",
      seconds: 40,
    });
    expect((performance.now() - began) / 1000).toBeLessThan(120);
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("halving.py")).toMatch(/number = number \/{1,2} 2/);
    expect(leftovers(workspace.folder)).toEqual([]);
  }, 180_000);
});

const CHUNK = [
  "export function chunk(list, size) {",
  "  const out = [];",
  "  for (let at = 0; at < list.length; at += size) {",
  "    out.push(list.slice(at, at - size));",
  "  }",
  "  return out;",
  "}",
  "",
].join("\n");

describe("JavaScript and TypeScript", () => {
  test("repairs an ES module under node --test", async () => {
    await using workspace = await createWorkspace({
      "package.json": '{"type":"module","scripts":{"test":"node --test"}}',
      "lib/chunk.js": CHUNK,
      "test/chunk.test.js": [
        'import assert from "node:assert/strict";',
        'import { describe, it } from "node:test";',
        'import { chunk } from "../lib/chunk.js";',
        'describe("chunk", () => {',
        '  it("splits", () => {',
        "    const parts = chunk([1, 2, 3, 4, 5], 2);",
        "    assert.equal(parts.length, 3);",
        "    assert.deepEqual(parts, [[1, 2], [3, 4], [5]]);",
        "  });",
        '  it("accepts nothing", () => assert.deepEqual(chunk([], 2), []));',
        "});",
        "",
      ].join("\n"),
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "npm test fails, please repair it" });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("lib/chunk.js")).toBe(CHUNK.replace("at - size", "at + size"));
    expect(leftovers(workspace.folder)).toEqual([]);
  });

  test("repairs CommonJS with a plain assert script and no package.json", async () => {
    const source =
      "function isLeap(year) {\n  return year % 4 === 0 && (year % 100 !== 0 && year % 400 === 0);\n}\nmodule.exports = { isLeap };\n";
    await using workspace = await createWorkspace({
      "leap.js": source,
      "leap.test.js":
        'const assert = require("assert");\nconst { isLeap } = require("./leap.js");\nassert.equal(isLeap(2024), true);\nassert.equal(isLeap(2000), true);\nassert.equal(isLeap(1900), false);\nassert.equal(isLeap(2023), false);\n',
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "Fix the bug, the test fails" });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("leap.js")).toBe(source.replace("!== 0 &&", "!== 0 ||"));
  });

  test("repairs TypeScript through vitest", async () => {
    const source =
      "export function total(items: readonly { price: number; count: number }[]): number {\n  return items.reduce((sum, item) => sum + item.price + item.count, 0);\n}\n";
    await using workspace = await createWorkspace({
      "package.json": '{"type":"module","scripts":{"test":"vitest run"}}',
      ".gitignore": "node_modules\n",
      "src/total.ts": source,
      "src/total.test.ts":
        'import { expect, test } from "vitest";\nimport { total } from "./total.ts";\ntest("total", () => {\n  expect(total([{ price: 3, count: 4 }, { price: 5, count: 1 }])).toBe(17);\n});\n',
    });
    await symlink(join(root, "node_modules"), join(workspace.folder, "node_modules"));
    const { answer } = await runTurn({
      folder: workspace.folder,
      task: "make the failing test pass",
      seconds: 90,
    });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("src/total.ts")).toBe(
      source.replace("item.price + item.count", "item.price * item.count"),
    );
  }, 180_000);

  test("edits the source that npm builds before the tests, not what is built", async () => {
    const source = "exports.last = (list) => {\n  return list[list.length];\n};\n";
    await using workspace = await createWorkspace({
      "package.json": '{"scripts":{"pretest":"node build.js","test":"node test.js"}}',
      ".gitignore": "dist\n",
      "build.js":
        'const fs = require("fs");\nfs.mkdirSync("dist", { recursive: true });\nfs.copyFileSync("last.js", "dist/last.js");\n',
      "last.js": source,
      "test.js": [
        'const { last } = require("./dist/last.js");',
        "let failed = 0;",
        "for (const [list, expected] of [[[1, 2], 2], [[], undefined], [[7], 7]])",
        "  if (last(list) !== expected) failed += 1;",
        'console.log(failed + " failed");',
        "process.exit(failed === 0 ? 0 : 1);",
        "",
      ].join("\n"),
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "fix the failing test" });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("last.js")).toBe(source.replace("list.length]", "list.length - 1]"));
  }, 180_000);

  test("finds its way in a file too long to be read whole", async () => {
    const others = (from: number) =>
      Array.from(
        { length: 250 },
        (_, index) =>
          `exports.f${from + index} = function (value) {\n  // one of many\n  return value + ${index};\n};\n`,
      ).join("");
    const bounded =
      "exports.bounded = function (value, low, high) {\n  if (value < low) return low;\n  if (value > high) return low;\n  return value;\n};\n";
    const source = others(0) + bounded + others(250);
    await using workspace = await createWorkspace({
      "many.js": source,
      "many.test.js":
        'const test = require("node:test");\nconst assert = require("node:assert");\nconst { bounded } = require("./many.js");\ntest("bounded", () => {\n  assert.equal(bounded(5, 0, 9), 5);\n  assert.equal(bounded(-5, 0, 9), 0);\n  assert.equal(bounded(50, 0, 9), 9);\n});\n',
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "fix the failing test" });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("many.js")).toBe(source.replace("> high) return low", "> high) return high"));
  });

  test("stops an endless loop in JavaScript and repairs it", async () => {
    const source =
      "exports.digits = (number) => {\n  let count = 0;\n  while (number >= 1) {\n    number = number * 10;\n    count += 1;\n  }\n  return count;\n};\n";
    await using workspace = await createWorkspace({
      "package.json": '{"scripts":{"test":"node --test"}}',
      "digits.js": source,
      "test/digits.js":
        'const test = require("node:test");\nconst assert = require("node:assert");\nconst { digits } = require("../digits.js");\ntest("digits", () => assert.equal(digits(421), 3));\ntest("zero", () => assert.equal(digits(0), 0));\n',
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "fix the failing test", seconds: 60 });
    expect(answerKind(answer)).toBe("repaired");
    expect(await workspace.read("digits.js")).toBe(source.replace("number * 10", "number / 10"));
    expect(leftovers(workspace.folder)).toEqual([]);
  }, 180_000);
});

describe("what it does not do", () => {
  test("never edits a test, even when only an edit there could help", async () => {
    const files = {
      "double.py": "def double(number):\n    return number * 2\n",
      "test_double.py": "from double import double\n\nassert double(2) == 4\nassert double('a') == 7\n",
    };
    await using workspace = await createWorkspace(files);
    const { answer, items } = await runTurn({
      folder: workspace.folder,
      task: "Fix the failing test.",
      seconds: 6,
    });
    expect(answerKind(answer)).toBe("not-repaired");
    expect(answer).toMatch(/\d+ of \d+ candidate edits tried/);
    expect(items.filter((item) => item.type === "custom_tool_call")).toEqual([]);
    for (const [path, text] of Object.entries(files)) expect(await workspace.read(path)).toBe(text);
  });

  test("changes nothing when all tests pass", async () => {
    await using workspace = await createWorkspace({
      "one.py": "ONE = 1\n",
      "test_one.py": "from one import ONE\nassert ONE == 1\n",
    });
    const { answer } = await runTurn({ folder: workspace.folder, task: "fix the failing tests" });
    expect(answerKind(answer)).toBe("already-green");
  });

  test("says that there are no tests", async () => {
    await using workspace = await createWorkspace({ "main.py": "print(1)\n" });
    const { answer } = await runTurn({ folder: workspace.folder, task: "fix the bug" });
    expect(answerKind(answer)).toBe("declined");
    expect(answer).toContain("there are no tests here");
  });

  test("edits only the file that the user allows, and stops when told to", async () => {
    await using workspace = await createWorkspace({
      ...COUNTING,
      "other.py": "OTHER = 2\n",
      "test_counting.py":
        "from counting import count_up\nfrom other import OTHER\nassert OTHER == 2\nassert count_up(2) == [1, 2]\n",
    });
    const { answer } = await runTurn({
      folder: workspace.folder,
      task: "Fix the failing test, but only look at other.py",
      seconds: 6,
    });
    expect(answerKind(answer)).toBe("not-repaired");
    expect(await workspace.read("counting.py")).toBe(COUNTING["counting.py"]);
    const stopped = await runTurn({
      folder: workspace.folder,
      task: "Fix the failing test.",
      steering: { 2: "stop" },
    });
    expect(answerKind(stopped.answer)).toBe("stopped");
    expect(await workspace.read("counting.py")).toBe(COUNTING["counting.py"]);
  });
});

test("the same input yields the same bytes, and every request begins with the one before", async () => {
  await using workspace = await createWorkspace({
    ...COUNTING,
    "test_counting.py": "from counting import count_up\nassert count_up(2) == [1, 2]\n",
  });
  const seconds = 20;
  const { items, requests } = await runTurn({
    folder: workspace.folder,
    task: "Fix the failing test.",
    seconds,
  });
  const { eventsOf } = await import("./run-turn.ts");
  for (const request of requests) {
    const again = await eventsOf(request, seconds);
    const made = again.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
    expect(made).toEqual(items.slice(request.input.length, request.input.length + made.length));
  }
  const said = items.flatMap((item) =>
    item.type === "message" && item.role === "assistant" ? [messageText(item)] : [],
  );
  expect(said[0]).toContain("not a language model");
  expect(new Set(items.filter(isToolCall).map((call) => call.call_id)).size).toBe(
    items.filter(isToolCall).length,
  );
});
