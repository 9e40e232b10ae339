import { expect, test } from "vitest";
import { parseInspection } from "./inspection.ts";
import { splitWords } from "./shell-words.ts";
import { readTask } from "./task.ts";
import { chooseTestCommands, whyNoCommand } from "./test-command.ts";

interface World {
  tools?: string;
  files: string;
  unittest?: string;
  functions?: string;
  main?: string;
  nodeTest?: string;
  manifest?: object;
  makefile?: string;
}

function inspect(world: World) {
  const sections: readonly (readonly [string, string])[] = [
    ["tools", world.tools ?? "python3 node npm make timeout"],
    ["files", world.files],
    ["unittest", world.unittest ?? ""],
    ["functions", world.functions ?? ""],
    ["main", world.main ?? ""],
    ["node:test", world.nodeTest ?? ""],
    ["runner", ""],
  ];
  const listed = sections.map(([name, words]) => `== ${name}\n${words.split(" ").join("\n")}`).join("\n");
  return parseInspection(
    `${listed}\n== makefile\n${world.makefile ?? ""}\n== package.json\n${JSON.stringify(world.manifest ?? null)}`,
  );
}

function commands(world: World, task = "fix the bug") {
  return chooseTestCommands(inspect(world), readTask(task)).map(({ shown, driver, inner, pythonRuns }) => ({
    shown,
    driver,
    inner,
    pythonRuns,
  }));
}

test("unittest in a folder, with the modules of the root on the path", () => {
  const [found] = commands({ files: "a.py tests/test_a.py", unittest: "tests/test_a.py" });
  expect(found).toMatchObject({
    shown: "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=. python3 -m unittest discover -v -s tests",
    driver: "python",
    pythonRuns: [["-m", "unittest", "discover", "-v", "-s", "tests"]],
  });
});

test("pytest when Python can import it, else the test functions themselves", () => {
  const world = { files: "a.py test_a.py", functions: "test_a.py" };
  expect(commands({ ...world, tools: "python3 pytest" })[0]?.pythonRuns).toEqual([
    ["-m", "pytest", "-q", "-p", "no:cacheprovider"],
  ]);
  expect(commands(world)[0]?.pythonRuns).toEqual([["--functions", "test_a.py"]]);
});

test("the script of package.json, without npm, linters and coverage in the copies", () => {
  const scripts = {
    test: "npm run lint && npm run unit",
    lint: "eslint .",
    unit: "nyc --reporter=text mocha test",
  };
  expect(commands({ files: "a.js test/a.js", manifest: { scripts } })).toEqual([
    { shown: "npm test", driver: "node", inner: "mocha test", pythonRuns: [] },
  ]);
});

test("node:test files and plain scripts without a package.json", () => {
  expect(commands({ files: "a.js a.test.js", nodeTest: "a.test.js" })[0]?.shown).toBe(
    "node --test a.test.js",
  );
  expect(commands({ files: "a.js test.js" })[0]?.shown).toBe("node test.js");
});

test("the user's command comes before everything", () => {
  const world = { files: "a.py tests/test_a.py", unittest: "tests/test_a.py" };
  expect(
    commands(world, "fix the bug, check with `DEBUG=1 python3 -m unittest -v tests.test_a`"),
  ).toMatchObject([{ driver: "python", pythonRuns: [["-m", "unittest", "-v", "tests.test_a"]] }]);
});

test("a Makefile's target when there is nothing else", () => {
  expect(commands({ files: "a.py check.py", makefile: "test: all\n\t@python3 check.py" })).toMatchObject([
    { shown: "make test", driver: "python", pythonRuns: [["check.py"]] },
  ]);
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
    commands({ files: "a.js", manifest: { scripts: { test: 'echo "Error: no test specified" && exit 1' } } }),
  ).toEqual([]);
});

test.each([
  ["a 'b c' \"d\"", ["a", "b c", "d"]],
  ["A=1 x --y=z", ["A=1", "x", "--y=z"]],
  ["a | b", null],
  ["a $HOME", null],
  ["a 'b", null],
  ["a *.js", null],
])("words of %s", (command, words) => {
  expect(splitWords(command)).toEqual(words);
});
