import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { describeReport, isTestCommand, namedTests, parseTestReport } from "../src/index.ts";

const CASES = join(import.meta.dirname, "cases");

/** What each runner printed for its tests, of which at least one fails: passed, failed, skipped, runner. */
const COUNTS: Readonly<Record<string, readonly [number, number, number, string]>> = {
  "ava.txt": [1, 1, 1, "ava"],
  "cargo.txt": [2, 1, 1, "cargo test"],
  "go-json.txt": [3, 1, 1, "go test"],
  "go-v.txt": [3, 1, 1, "go test"],
  "go.txt": [1, 1, 0, "go test"],
  "jest-json.txt": [1, 1, 1, "jest"],
  "jest.txt": [1, 1, 1, "jest"],
  "mocha-tap.txt": [1, 1, 0, "node:test"],
  "mocha.txt": [1, 1, 1, "mocha"],
  "node-junit.txt": [2, 2, 1, "JUnit"],
  "node-spec.txt": [2, 3, 1, "node:test"],
  "node-tap.txt": [2, 3, 1, "node:test"],
  "pytest-junit.txt": [2, 1, 2, "JUnit"],
  "pytest-q.txt": [2, 1, 2, "pytest"],
  "pytest.txt": [2, 1, 2, "pytest"],
  "tape.txt": [1, 1, 0, "node:test"],
  "unittest.txt": [1, 2, 1, "unittest"],
  "vitest-default.txt": [1, 1, 2, "vitest"],
  "vitest-json.txt": [1, 1, 2, "jest"],
  "vitest-junit.txt": [1, 1, 2, "JUnit"],
  "vitest-tap.txt": [1, 1, 2, "tap"],
};

test("every recorded output has its counts", () => {
  expect(readdirSync(CASES).sort()).toEqual(Object.keys(COUNTS).sort());
});

test.each(Object.entries(COUNTS))("%s", (name, [passed, failed, skipped, runner]) => {
  const report = parseTestReport(readFileSync(join(CASES, name), "utf8"));
  expect([report.passed, report.failed, report.skipped, report.runner]).toEqual([
    passed,
    failed,
    skipped,
    runner,
  ]);
});

test("go test names only packages unless it is asked for more", () => {
  const report = parseTestReport(readFileSync(join(CASES, "go.txt"), "utf8"));
  expect(describeReport(report)).toBe("1 packages passed, 1 failed");
  expect(report.failing).toEqual(["TestBad"]);
});

test("runs of the same runner add up", () => {
  const text = readFileSync(join(CASES, "pytest-q.txt"), "utf8");
  const once = parseTestReport(text);
  const twice = parseTestReport(`${text}\n${text}`);
  expect([twice.passed, twice.failed]).toEqual([(once.passed ?? 0) * 2, (once.failed ?? 0) * 2]);
});

test("no text makes it throw or count less than nothing", () => {
  const pieces = fc.constantFrom(
    "ok 1",
    "not ok",
    "<testcase ",
    "Ran 3 tests in 1s\n",
    "FAILED (failures=9)\n",
    "\n",
    " 7 passed",
    "{",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 20 }))), (parts) => {
      const { passed, failed } = parseTestReport(parts.join(""));
      expect(passed === null || (passed >= 0 && failed !== null && failed >= 0)).toBe(true);
    }),
  );
});

test.each([
  "npm test",
  "npm test -- packages/core",
  "npm run -s test:unit",
  "pnpm test && true",
  "CI=1 npx vitest run --project unit",
  "cd packages/a && ../../node_modules/.bin/vitest run",
  "timeout -k 2 60 python3 -m pytest -q 2>&1 | tail -20",
  "PYTHONPATH=. python3 -m unittest discover -v",
  ".venv/bin/pytest tests",
  "node --test test/a.test.js",
  "node test/run-tests.js",
  "go test ./... 2>&1",
  "npm ci && npm run build && cargo test",
  "make check",
  "npx jest > out.txt; tail out.txt",
])("%s runs tests", (command) => expect(isTestCommand(command)).toBe(true));

test.each([
  "cat test-results.txt",
  'echo "41 passed, 0 failed in 1s"',
  'npm test; echo "41 passed"',
  "npm test || printf '41 passed in 1s'",
  "python3 -c 'print(\"41 passed in 1s\")' # pytest",
  "python3 -m pytest -q; python3 -c 'print(1)'",
  "npm test $(cat x)",
  "git commit -m 'run npm test'",
  "grep -r pytest .",
  "npm run build",
  "cargo build",
  "node -e 'test'",
  "node --print test.js",
  "bash test.sh",
  "npm test <<< x",
  "",
])("%s may print counts that are not those of tests", (command) =>
  expect(isTestCommand(command)).toBe(false),
);

test("a script that only says that there are no tests, or waits for changes, is none", () => {
  const facts = { python: null, hasGoModule: false, hasCargoManifest: false, hasMakeTarget: false };
  const of = (script: string | null) => namedTests({ ...facts, script });
  expect(of('echo "Error: no test specified" && exit 1')).toEqual([]);
  expect(of("vitest --watch")).toEqual([]);
  expect(of("vitest --watch=false")).toEqual([{ kind: "script", command: "npm test" }]);
  expect(
    namedTests({
      script: "jest",
      python: "pytest",
      hasGoModule: true,
      hasCargoManifest: true,
      hasMakeTarget: true,
    }).map(({ command }) => command),
  ).toEqual(["npm test", "python3 -m pytest -q", "go test ./...", "cargo test", "make test"]);
});
