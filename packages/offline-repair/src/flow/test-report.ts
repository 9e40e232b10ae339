/** What the output of a test run says; null where it does not say it. */
export interface TestReport {
  passed: number | null;
  failed: number | null;
  /** Which runner's words were understood. */
  runner: string | null;
  /** Names of failing tests, at most twenty. */
  failing: readonly string[];
  /** Files and lines of stack traces and failure locations, in order of appearance. */
  locations: readonly { path: string; line: number }[];
}

type Counter = { runner: string; read(text: string): [passed: number, failed: number] | null };

const number = (pattern: RegExp, text: string) => {
  const match = pattern.exec(text);
  return match === null ? null : Number(match[1]);
};

const COUNTERS: readonly Counter[] = [
  {
    runner: "pytest",
    read(text) {
      const line =
        /^=*\s*((?:\d+ (?:subtests? )?(?:failed|passed|errors?|skipped|xfailed|xpassed|deselected|warnings?)(?:, )?)+) in [\d.]+s/m.exec(
          text,
        )?.[1];
      if (line === undefined) return null;
      return [
        number(/(\d+) passed/, line) ?? 0,
        (number(/(\d+) failed/, line) ?? 0) + (number(/(\d+) errors?/, line) ?? 0),
      ];
    },
  },
  {
    runner: "unittest",
    read(text) {
      const ran = number(/^Ran (\d+) tests? in /m, text);
      if (ran === null) return null;
      const verdict = /^FAILED \((.*)\)/m.exec(text)?.[1] ?? "";
      const failed = (number(/failures=(\d+)/, verdict) ?? 0) + (number(/errors=(\d+)/, verdict) ?? 0);
      return [Math.max(0, ran - failed), failed];
    },
  },
  {
    runner: "vitest",
    read(text) {
      const line = /^\s*Tests\s+(.*(?:passed|failed).*)$/m.exec(text)?.[1];
      return line === undefined
        ? null
        : [number(/(\d+) passed/, line) ?? 0, number(/(\d+) failed/, line) ?? 0];
    },
  },
  {
    runner: "jest",
    read(text) {
      const line = /^Tests:\s+(.*)$/m.exec(text)?.[1];
      return line === undefined
        ? null
        : [number(/(\d+) passed/, line) ?? 0, number(/(\d+) failed/, line) ?? 0];
    },
  },
  {
    runner: "node:test",
    read(text) {
      const passed = number(/^(?:#|ℹ) pass (\d+)/m, text);
      const failed = number(/^(?:#|ℹ) fail (\d+)/m, text);
      if (passed === null || (failed === null && !/^1\.\.\d+/m.test(text))) return null;
      return [passed, (failed ?? 0) + (number(/^(?:#|ℹ) cancelled (\d+)/m, text) ?? 0)];
    },
  },
  {
    runner: "mocha",
    read(text) {
      const passed = number(/^\s*(?:✔ )?(\d+) (?:passing|tests? complete)/m, text);
      return passed === null
        ? null
        : [passed, number(/^\s*(?:✖ )?(\d+) (?:failing|of \d+ tests? failed)/m, text) ?? 0];
    },
  },
  {
    runner: "ava",
    read(text) {
      const failed = number(/^\s*(\d+) tests? failed/m, text);
      const passed = number(/^\s*(\d+) tests? passed/m, text);
      return failed === null && passed === null ? null : [passed ?? 0, failed ?? 0];
    },
  },
  {
    runner: "tap",
    read(text) {
      const results = text.match(/^(?:not )?ok\b/gm);
      if (results === null) return null;
      const failed = results.filter((line) => line.startsWith("not")).length;
      return [results.length - failed, failed];
    },
  },
];

const FAILING_NAMES = [
  /^(?:FAILED|ERROR) (\S+::\S+|\S+\.py)/gm,
  /^(?:FAIL|ERROR): (\S+ \([^)]*\))/gm,
  /^not ok \d+ (?:- )?(.+?)(?: # .*)?$/gm,
  /^\s*✖ (.+?)(?: \([\d.]+m?s\))?$/gm,
  /^\s*(?:×|✗|●) (.+?)(?: \d+ms)?$/gm,
  /^\s+\d+\) (.+)$/gm,
];

/** Understands pytest, unittest, node:test, TAP, mocha, jest, vitest and ava; other output gives traces at best. */
export function parseTestReport(output: string): TestReport {
  const text = withoutColours(output);
  for (const { runner, read } of COUNTERS) {
    const counts = read(text);
    if (counts !== null)
      return {
        passed: counts[0],
        failed: counts[1],
        runner,
        failing: failingNames(text),
        locations: locationsIn(text),
      };
  }
  return {
    passed: null,
    failed: null,
    runner: null,
    failing: failingNames(text),
    locations: locationsIn(text),
  };
}

function withoutColours(text: string): string {
  const escapeCharacter = String.fromCharCode(27);
  return text.replaceAll(new RegExp(`${escapeCharacter}\\[[0-9;]*m`, "g"), "");
}

function failingNames(text: string): string[] {
  const names = FAILING_NAMES.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => (match[1] ?? "").trim()),
  );
  return [...new Set(names)].filter((name) => name !== "failing tests:").slice(0, 20);
}

const LOCATIONS =
  /File "([^"]+\.py)", line (\d+)|(?<![\w.:/-])((?:file:\/\/)?[\w@./+-]*[\w+-]+\.(?:py|[cm]?[jt]sx?)):(\d+)(?::\d+)?/g;

function locationsIn(text: string): { path: string; line: number }[] {
  const found: { path: string; line: number }[] = [];
  for (const match of text.matchAll(LOCATIONS)) {
    const path = (match[1] ?? match[3] ?? "").replace(/^file:\/\//, "");
    if (path !== "" && !path.includes("node_modules/") && !path.startsWith("node:"))
      found.push({ path, line: Number(match[2] ?? match[4]) });
    if (found.length >= 200) break;
  }
  return found;
}

/** "5 passed, 2 failed", or what else is known. */
export function describeReport(report: TestReport): string {
  if (report.passed === null || report.failed === null) return "the runner printed no counts";
  return `${report.passed} passed, ${report.failed} failed`;
}
