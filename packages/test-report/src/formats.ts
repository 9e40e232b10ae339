import type { Counter, TestCounts } from "./counters.ts";

const tests = (passed: number, failed: number, skipped: number): TestCounts => ({
  passed,
  failed,
  skipped,
  unit: "tests",
});

/** JUnit XML, by its cases: the sums in its attributes differ from writer to writer. */
const junit: Counter = {
  runner: "JUnit",
  read(text) {
    if (!/<testsuites?[\s>]/.test(text)) return null;
    const cases = text.split(/<testcase[\s>]/).slice(1);
    if (cases.length === 0) return null;
    let failed = 0;
    let skipped = 0;
    for (const one of cases) {
      if (/<(?:failure|error)[\s/>]/.test(one)) failed++;
      else if (/<skipped[\s/>]/.test(one)) skipped++;
    }
    return tests(cases.length - failed - skipped, failed, skipped);
  },
};

/** What `--json` of jest and of vitest prints. */
const jestJson: Counter = {
  runner: "jest",
  read(text) {
    const passed = /"numPassedTests":(\d+)/.exec(text)?.[1];
    const failed = /"numFailedTests":(\d+)/.exec(text)?.[1];
    if (passed === undefined || failed === undefined) return null;
    const pending = Number(/"numPendingTests":(\d+)/.exec(text)?.[1] ?? 0);
    return tests(
      Number(passed),
      Number(failed),
      pending + Number(/"numTodoTests":(\d+)/.exec(text)?.[1] ?? 0),
    );
  },
};

/** `go test -json`: a line for each thing that happens. Subtests are part of their test. */
const goJson: Counter = {
  runner: "go test",
  read(text) {
    const ended = [...text.matchAll(/^\{.*"Action":"(pass|fail|skip)".*"Test":"([^"/]+)".*\}$/gm)];
    if (ended.length === 0) return null;
    const count = (action: string) => ended.filter((match) => match[1] === action).length;
    return tests(count("pass"), count("fail"), count("skip"));
  },
};

const RESULT = /^( *)(not ok|ok)\b(.*)$/gm;

/** The Test Anything Protocol: results at the top, or inside of braces where a writer puts them there. */
const tap: Counter = {
  runner: "tap",
  read(text) {
    const all = [...text.matchAll(RESULT)].map((match) => ({
      indent: (match[1] ?? "").length,
      ok: match[2] === "ok",
      rest: match[3] ?? "",
    }));
    const braces = all.some(({ rest }) => rest.trimEnd().endsWith("{"));
    const results = all.filter(({ indent, rest }) => (braces ? !rest.trimEnd().endsWith("{") : indent === 0));
    if (results.length === 0) return null;
    // A test that is still to be done may fail.
    const skipped = results.filter(({ ok, rest }) => /# todo\b/i.test(rest) || (ok && /# skip/i.test(rest)));
    const counted = results.filter((one) => !skipped.includes(one));
    const passed = counted.filter(({ ok }) => ok).length;
    return tests(passed, counted.length - passed, skipped.length);
  },
};

/** Formats that a program writes for programs. They come before the words for people. */
export const FORMATS: readonly Counter[] = [jestJson, goJson];

/** These come last: pieces of them also stand in what others print. */
export const LAST_FORMATS: readonly Counter[] = [junit, tap];
