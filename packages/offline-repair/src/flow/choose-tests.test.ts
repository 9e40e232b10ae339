import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseTestCommands, whyNoCommand } from "./choose-tests.ts";
import { parseInspection } from "./inspection.ts";
import { quoteWord, splitWords } from "./shell-words.ts";
import { readTask } from "./task.ts";
import { CALL_FUNCTIONS } from "./test-command.ts";

interface World {
  tools?: string;
  files: string;
  /** What `grep` found in test files: `path:words`, separated by commas. */
  written?: string;
  manifests?: Readonly<Record<string, object>>;
  makefile?: string;
}

function inspect({
  tools = "python3 node npm make timeout",
  files,
  written = "",
  manifests = {},
  makefile,
}: World) {
  const sections = [
    ["tools", tools.replaceAll(" ", "\n")],
    ["files", files.replaceAll(" ", "\n")],
    ["written", written.replaceAll(",", "\n")],
    ["makefile", makefile ?? ""],
    ...Object.entries(manifests).map(([path, manifest]) => [`manifest ${path}`, JSON.stringify(manifest)]),
  ];
  return parseInspection(sections.map(([title, text]) => `== ${title}\n${text}\n`).join(""));
}

function commands(world: World, task = "fix the bug") {
  return chooseTestCommands(inspect(world), readTask(task)).map(({ shown, inner, pythonRuns }) => ({
    shown,
    inner,
    pythonRuns,
  }));
}

test("unittest in a folder, with the modules of the root on the path", () => {
  const [found] = commands({ files: "a.py tests/test_a.py", written: "tests/test_a.py:import unittest" });
  expect(found).toMatchObject({
    shown: "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. python3 -m unittest discover -v -s tests/ -p '*test*.py'",
    pythonRuns: [["-m", "unittest", "discover", "-v", "-s", "tests/", "-p", "*test*.py"]],
  });
});

test("pytest when Python can import it, else the test functions themselves", () => {
  const world = { files: "a.py test_a.py", written: "test_a.py:def test_" };
  expect(commands({ ...world, tools: "python3 pytest" })[0]?.pythonRuns).toEqual([
    ["-m", "pytest", "-q", "-p", "no:cacheprovider"],
  ]);
  expect(commands(world)[0]?.pythonRuns).toEqual([["-c", CALL_FUNCTIONS, "test_a.py"]]);
  const classes = { files: "a.py test_a.py", written: "test_a.py:class TestA" };
  expect(commands(classes)[0]?.pythonRuns).toEqual([["-c", CALL_FUNCTIONS, "test_a.py"]]);
  const others = commands(world, "make `python3 -W error test_a.py` pass");
  expect(others[0]).toMatchObject({ inner: "python3 -W error test_a.py", pythonRuns: [] });
});

test("the script of package.json, without npm, linters and coverage in the copies", () => {
  const scripts = {
    test: "npm run lint && npm run unit",
    lint: "eslint .",
    unit: "nyc --reporter=text mocha test",
  };
  expect(commands({ files: "a.js test/a.js", manifests: { "package.json": { scripts } } })).toEqual([
    { shown: "npm test", inner: "mocha test", pythonRuns: [] },
  ]);
});

test("node:test files and plain scripts without a package.json", () => {
  expect(commands({ files: "a.js a.test.js", written: "a.test.js:'node:test'" })[0]?.shown).toBe(
    "node --test a.test.js",
  );
  expect(commands({ files: "a.js test.js" })[0]?.shown).toBe("node test.js");
});

test("the user's command comes before everything", () => {
  const world = { files: "a.py tests/test_a.py", written: "tests/test_a.py:import unittest" };
  expect(
    commands(world, "fix the bug, check with `DEBUG=1 python3 -m unittest -v tests.test_a`"),
  ).toMatchObject([{ pythonRuns: [["-m", "unittest", "-v", "tests.test_a"]] }]);
});

test("a Makefile's target when there is nothing else", () => {
  expect(commands({ files: "a.py check.py", makefile: "test: all\n\t@python3 check.py" })).toMatchObject([
    { shown: "make test", pythonRuns: [["check.py"]] },
  ]);
});

const MONOREPO: World = {
  files:
    "packages/a/a.js packages/a/test/a.js packages/b/b.js py/count/c.py py/count/tests/test_c.py py/d/tests/test_d.py",
  written: "py/count/tests/test_c.py:import unittest,py/d/tests/test_d.py:import unittest",
  manifests: {
    "package.json": { private: true },
    "packages/a/package.json": { scripts: { test: "npm run unit", unit: "node --test" } },
    "packages/b/package.json": { scripts: { test: "mocha" } },
    "py/count/pyproject.toml": {},
  },
};

test.each([
  ["fix the test in packages/a", ["cd packages/a && npm test"]],
  ["fix the test in packages/b/b.js", ["cd packages/b && npm test"]],
  [
    "fix py/count/c.py",
    [
      "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=.:py/count python3 -m unittest discover -v -s py/count/tests/ -p '*test*.py'",
    ],
  ],
])("the tests of the package that the task names: %s", (task, shown) => {
  expect(commands(MONOREPO, task).map((command) => command.shown)).toEqual(shown);
});

test("all packages where the workspace has no test script; scripts are those of the package", () => {
  const [python, a, b] = commands(MONOREPO);
  expect(python?.pythonRuns).toEqual([
    ["-m", "unittest", "discover", "-v", "-s", "py/count/tests/", "-p", "*test*.py"],
    ["-m", "unittest", "discover", "-v", "-s", "py/d/tests/", "-p", "*test*.py"],
  ]);
  expect([a?.inner, b?.inner]).toEqual(["cd packages/a && node --test", "cd packages/b && mocha"]);
});

test("says why there is nothing to run", () => {
  expect(whyNoCommand(inspect({ files: "a.py" }))).toMatch(/^there are no tests here/);
  expect(whyNoCommand(inspect({ files: "a.py test_a.py", tools: "node" }))).toContain(
    "python3 is not installed",
  );
  expect(whyNoCommand(inspect({ files: "a.js a.test.js", tools: "python3" }))).toContain(
    "node is not installed",
  );
});

test("a script that only says that there are no tests is no test", () => {
  expect(
    commands({
      files: "a.js",
      manifests: { "package.json": { scripts: { test: 'echo "Error: no test specified" && exit 1' } } },
    }),
  ).toEqual([]);
});

test.each([
  ["a 'b c' \"d\"", ["a", "b c", "d"]],
  ["A=1 x --y=z", ["A=1", "x", "--y=z"]],
  ["a | b", null],
  ["a $HOME", null],
  ["a 'b", null],
  ["a *.js", null],
  ["a\nb", null],
])("words of %s", (command, words) => {
  expect(splitWords(command)).toEqual(words);
});

test("any words survive being quoted", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (words) => {
      const plain = words.filter((word) => !word.includes("'"));
      expect(splitWords(plain.map(quoteWord).join(" "))).toEqual(plain);
    }),
  );
});

test("any output of the first look is read, and names only files of known languages", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "== files",
          "== written",
          "== manifest a/package.json",
          "a.py:b",
          "a.py",
          "{",
          "\tx",
          "",
        ),
      ),
      (lines) => {
        const { sources, tests } = parseInspection(lines.join("\n"));
        expect([...sources, ...tests].every((path) => path.endsWith(".py"))).toBe(true);
      },
    ),
  );
});
