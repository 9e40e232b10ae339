import { expect, test } from "vitest";
import { describeReport } from "./describe-counts.ts";
import { parseTestReport } from "./parse-test-report.ts";

const REPORTS: readonly (readonly [name: string, output: string, summary: object])[] = [
  [
    "pytest",
    [
      "..F                                                                      [100%]",
      '  File "/w/calc.py", line 4, in add',
      "tests/test_calc.py:12: AssertionError",
      "FAILED tests/test_calc.py::test_add - assert 3 == 4",
      "1 failed, 2 passed, 1 warning in 0.12s",
    ].join("\n"),
    {
      runner: "pytest",
      passed: 2,
      failed: 1,
      failing: ["tests/test_calc.py::test_add"],
      locations: [
        { path: "/w/calc.py", line: 4 },
        { path: "tests/test_calc.py", line: 12 },
      ],
    },
  ],
  [
    "pytest with errors only",
    "ERROR tests/test_a.py\n========= 1 error in 0.08s =========",
    { runner: "pytest", passed: 0, failed: 1, failing: ["tests/test_a.py"] },
  ],
  [
    "unittest",
    "FAIL: test_add (test_calc.CalcTest.test_add)\n----\nRan 5 tests in 0.001s\n\nFAILED (failures=1, errors=2)",
    { runner: "unittest", passed: 2, failed: 3, failing: ["test_add (test_calc.CalcTest.test_add)"] },
  ],
  [
    "node:test as TAP",
    "TAP version 13\nnot ok 1 - adds # time=2ms\nok 2 - more\n1..2\n# tests 2\n# pass 1\n# fail 1\n# cancelled 0",
    { runner: "node:test", passed: 1, failed: 1, failing: ["adds"] },
  ],
  [
    "node:test as spec, in colour",
    "\u001b[31m✖ adds (1.2ms)\u001b[39m\n  at file:///w/test/a.test.js:7:10\nℹ tests 3\nℹ pass 2\nℹ fail 0\nℹ cancelled 1",
    {
      runner: "node:test",
      passed: 2,
      failed: 1,
      failing: ["adds"],
      locations: [{ path: "/w/test/a.test.js", line: 7 }],
    },
  ],
  [
    "mocha",
    "  3 passing (12ms)\n  1 failing\n\n  1) math adds:\n      at Context.<anonymous> (test/math.js:5:12)",
    {
      runner: "mocha",
      passed: 3,
      failed: 1,
      failing: ["math adds:"],
      locations: [{ path: "test/math.js", line: 5 }],
    },
  ],
  [
    "vitest",
    " × src/a.test.ts > adds 3ms\n Test Files  1 failed (1)\n      Tests  1 failed | 4 passed (5)",
    { runner: "vitest", passed: 4, failed: 1, failing: ["src/a.test.ts > adds"] },
  ],
  [
    "jest",
    "  ● math › adds\n\nTests:       1 failed, 4 passed, 5 total",
    { runner: "jest", passed: 4, failed: 1, failing: ["math › adds"] },
  ],
  [
    "tape",
    "TAP version 13\nok 1 a\nnot ok 2 b\n\n1..2\n# tests 2\n# pass  1\n# fail  1",
    { passed: 1, failed: 1, failing: ["b"] },
  ],
  ["ava", "  ✗ adds\n  1 test failed\n  4 tests passed", { runner: "ava", passed: 4, failed: 1 }],
  [
    "a script",
    "Traceback (most recent call last):\nAssertionError",
    { runner: null, passed: null, failed: null, failing: [] },
  ],
];

test.each(REPORTS)("%s", (_, output, summary) => {
  expect(parseTestReport(output)).toMatchObject(summary);
});

test("locations of packages and of Node itself are left out", () => {
  const { locations } = parseTestReport(
    "at x (/w/node_modules/a/b.js:1:1)\nat node:internal/a.js:3:4\nat y (/w/lib/c.mjs:9:2)",
  );
  expect(locations).toEqual([{ path: "/w/lib/c.mjs", line: 9 }]);
});

test("counts in words", () => {
  expect(describeReport(parseTestReport("2 failed, 3 passed in 1.0s"))).toBe("3 passed, 2 failed");
  expect(describeReport(parseTestReport("1 failed, 40 passed, 20 subtests passed in 0.65s"))).toBe(
    "40 passed, 1 failed",
  );
  expect(describeReport(parseTestReport("hello"))).toBe("the runner printed no counts");
});
