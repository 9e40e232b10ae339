import { COUNTERS, type TestCounts } from "./counters.ts";
import { FORMATS, LAST_FORMATS } from "./formats.ts";

/** What the output of a test run says; null where it does not say it. */
export interface TestReport {
  passed: number | null;
  failed: number | null;
  /** Left out on purpose; null where counts are not known. */
  skipped: number | null;
  /** What was counted. */
  unit: TestCounts["unit"];
  /** Which runner's words were understood. */
  runner: string | null;
  /** Names of failing tests, at most twenty. */
  failing: readonly string[];
  /** Files and lines of stack traces and failure locations, in order of appearance. */
  locations: readonly { path: string; line: number }[];
}

const FAILING_NAMES = [
  /^(?:FAILED|ERROR) (\S+::\S+|\S+\.py)/gm,
  /^(?:FAIL|ERROR): (\S+ \([^)]*\))/gm,
  /^not ok \d+ (?:- )?(.+?)(?: # .*)?$/gm,
  /^\s*✖ (.+?)(?: \([\d.]+m?s\))?$/gm,
  /^\s*(?:×|✗|●) (.+?)(?: \d+ms)?$/gm,
  /^\s+\d+\) (.+)$/gm,
  /^--- FAIL: (\S+)/gm,
  /^test (\S+) \.\.\. FAILED$/gm,
];

/**
 * Understands TAP, JUnit XML, pytest, unittest, node:test, vitest, jest, mocha, ava, go test and cargo test; other output
 * gives traces at best. Several runs of one runner in an output are added up.
 */
export function parseTestReport(output: string): TestReport {
  const text = withoutColours(output);
  const found = { failing: failingNames(text), locations: locationsIn(text) };
  for (const { runner, read } of [...FORMATS, ...COUNTERS, ...LAST_FORMATS]) {
    const counts = read(text);
    if (counts !== null) return { ...counts, runner, ...found };
  }
  return { passed: null, failed: null, skipped: null, unit: "tests", runner: null, ...found };
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
  /File "([^"]+\.py)", line (\d+)|(?<![\w.:/-])((?:file:\/\/)?[\w@./+-]*[\w+-]+\.(?:py|go|rs|[cm]?[jt]sx?)):(\d+)(?::\d+)?/g;

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
