/** Counts of one output. */
export interface TestCounts {
  passed: number;
  failed: number;
  /** Left out on purpose, or expected to fail; 0 where the runner does not say. */
  skipped: number;
  /** What was counted: `go test` names only packages unless it is asked for more. */
  unit: "tests" | "packages";
}

/** Reads the closing lines of one runner; null when there are none of its kind. Several runs in one output add up. */
export interface Counter {
  runner: string;
  read(text: string): TestCounts | null;
}

/** All numbers that stand before a word, added up; null when there is none. */
function sum(pattern: RegExp, text: string): number | null {
  const found = [...text.matchAll(pattern)];
  return found.length === 0 ? null : found.reduce((total, match) => total + Number(match[1]), 0);
}

const tests = (passed: number, failed: number, skipped: number | null): TestCounts => ({
  passed,
  failed,
  skipped: skipped ?? 0,
  unit: "tests",
});

const PYTEST =
  /^=*\s*((?:\d+ (?:subtests? )?(?:failed|passed|errors?|skipped|xfailed|xpassed|deselected|warnings?)(?:, )?)+) in [\d.]+s/gm;

const pytest: Counter = {
  runner: "pytest",
  read(text) {
    const line = [...text.matchAll(PYTEST)].map((match) => match[1] ?? "").join(", ");
    if (line === "") return null;
    const failed = (sum(/(\d+) failed/g, line) ?? 0) + (sum(/(\d+) errors?/g, line) ?? 0);
    const skipped = (sum(/(\d+) skipped/g, line) ?? 0) + (sum(/(\d+) xfailed/g, line) ?? 0);
    return tests((sum(/(\d+) passed/g, line) ?? 0) + (sum(/(\d+) xpassed/g, line) ?? 0), failed, skipped);
  },
};

const unittest: Counter = {
  runner: "unittest",
  read(text) {
    const ran = sum(/^Ran (\d+) tests? in /gm, text);
    if (ran === null) return null;
    const verdicts = [...text.matchAll(/^(?:FAILED|OK) \((.*)\)/gm)]
      .map((match) => match[1] ?? "")
      .join(", ");
    const failed =
      (sum(/(?<!expected )failures=(\d+)/g, verdicts) ?? 0) +
      (sum(/errors=(\d+)/g, verdicts) ?? 0) +
      (sum(/unexpected successes=(\d+)/g, verdicts) ?? 0);
    const skipped = (sum(/skipped=(\d+)/g, verdicts) ?? 0) + (sum(/expected failures=(\d+)/g, verdicts) ?? 0);
    return tests(Math.max(0, ran - failed - skipped), failed, skipped);
  },
};

/** The lines `Tests  1 failed | 2 passed (3)` of vitest and `Tests: 1 failed, 2 passed, 3 total` of jest. */
function closingLine(runner: string, pattern: RegExp): Counter {
  return {
    runner,
    read(text) {
      const line = [...text.matchAll(pattern)].map((match) => match[1] ?? "").join(", ");
      if (line === "") return null;
      const skipped = (sum(/(\d+) (?:skipped|pending)/g, line) ?? 0) + (sum(/(\d+) todo/g, line) ?? 0);
      return tests(sum(/(\d+) passed/g, line) ?? 0, sum(/(\d+) failed/g, line) ?? 0, skipped);
    },
  };
}

const nodeTest: Counter = {
  runner: "node:test",
  read(text) {
    const passed = sum(/^(?:#|ℹ) pass +(\d+)/gm, text);
    const failed = sum(/^(?:#|ℹ) fail +(\d+)/gm, text);
    if (passed === null || (failed === null && !/^1\.\.\d+/m.test(text))) return null;
    const cancelled = sum(/^(?:#|ℹ) cancelled (\d+)/gm, text) ?? 0;
    const skipped = (sum(/^(?:#|ℹ) skipped (\d+)/gm, text) ?? 0) + (sum(/^(?:#|ℹ) todo (\d+)/gm, text) ?? 0);
    return tests(passed, (failed ?? 0) + cancelled, skipped);
  },
};

const mocha: Counter = {
  runner: "mocha",
  read(text) {
    const passed = sum(/^\s*(?:✔ )?(\d+) (?:passing|tests? complete)/gm, text);
    if (passed === null) return null;
    const failed = sum(/^\s*(?:✖ )?(\d+) (?:failing|of \d+ tests? failed)/gm, text);
    return tests(passed, failed ?? 0, sum(/^\s*(\d+) pending/gm, text));
  },
};

const ava: Counter = {
  runner: "ava",
  read(text) {
    const failed = sum(/^\s*(\d+) tests? failed/gm, text);
    const passed = sum(/^\s*(\d+) tests? passed/gm, text);
    if (failed === null && passed === null) return null;
    // When something failed it says no more than that; what passed has a line of its own.
    const listed = [...text.matchAll(/^\s*✔ /gm)].length;
    return tests(passed ?? listed, failed ?? 0, sum(/^\s*(\d+) tests? (?:skipped|todo)/gm, text));
  },
};

const cargo: Counter = {
  runner: "cargo test",
  read(text) {
    const lines = [...text.matchAll(/^test result: \w+\. (.*)$/gm)].map((match) => match[1] ?? "").join("; ");
    if (lines === "") return null;
    return tests(
      sum(/(\d+) passed/g, lines) ?? 0,
      sum(/(\d+) failed/g, lines) ?? 0,
      sum(/(\d+) ignored/g, lines),
    );
  },
};

const count = (pattern: RegExp, text: string): number => [...text.matchAll(pattern)].length;

const go: Counter = {
  runner: "go test",
  read(text) {
    const packagesPassed = count(/^ok {2}\t\S+\t/gm, text);
    const packagesFailed = count(/^FAIL\t\S+(?:\t|[ \t]+\[)/gm, text);
    if (packagesPassed + packagesFailed === 0) return null;
    if (!/^=== RUN /m.test(text)) {
      return { passed: packagesPassed, failed: packagesFailed, skipped: 0, unit: "packages" };
    }
    // A package that does not build or panics has no failing test of its own.
    const broken = count(/^FAIL\t\S+[ \t]+\[(?:build|setup) failed\]/gm, text);
    const failed = count(/^--- FAIL: /gm, text) + broken;
    return tests(
      count(/^--- PASS: /gm, text),
      Math.max(failed, packagesFailed),
      count(/^--- SKIP: /gm, text),
    );
  },
};

/** Runners by their closing lines, the more exact ones first. */
export const COUNTERS: readonly Counter[] = [
  pytest,
  unittest,
  cargo,
  go,
  closingLine("vitest", /^\s*Tests\s+(.*(?:passed|failed|skipped|todo).*)$/gm),
  closingLine("jest", /^Tests:\s+(.*)$/gm),
  nodeTest,
  mocha,
  ava,
];
