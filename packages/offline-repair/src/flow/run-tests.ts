import { parseTestReport, type TestReport } from "@quire/test-report";
import { type CommandOutput, KILLED } from "./command-output.ts";
import { quoteWord } from "./shell-words.ts";
import type { Flow, Remarks } from "./step.ts";
import type { TestCommand } from "./test-command.ts";
import type { Turn } from "./turn.ts";

/** One run of a test command in the workspace. */
export interface Run extends CommandOutput {
  command: TestCommand;
  report: TestReport;
  /** It was stopped because it took too long. */
  hung: boolean;
}

/** Runs a test command with a time limit, so that a suite that hangs is seen and not waited for. */
export function* runTests(command: TestCommand, turn: Turn, remarks: Remarks): Flow<Run> {
  const limit = Math.ceil(Math.max(2.5, Math.min(60, turn.seconds / 4)));
  const shell = turn.inspection.tools.has("timeout")
    ? `timeout -k 2 ${limit} sh -c ${quoteWord(command.shown)} 2>&1`
    : `${command.shown} 2>&1`;
  const ran = yield* turn.run(shell, 10_000, remarks);
  const hung = ran.exitCode === 124 || ran.exitCode === KILLED;
  return { ...ran, command, report: parseTestReport(ran.output), hung };
}

/** Linters around the tests may fail on their own: what counts is that no test fails any more. */
export function passesNow(after: Run, before: Run): boolean {
  const { passed, failed } = after.report;
  return after.exitCode === 0 || ((before.report.failed ?? 0) > 0 && failed === 0 && (passed ?? 0) > 0);
}

const NOT_HERE: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/Missing script: "?([^"\s]+)/, "is no script of package.json"],
  [/No rule to make target '([^']+)'/, "is no target of the Makefile"],
  [/can't open file '([^']+)'/, "is not there"],
  [/file or directory not found: (\S+)/, "is not there"],
  [/No module named '?(pytest|nose|tox|nox)'?/, "cannot be imported by Python here"],
];
const NO_PROGRAM = /(?:sh|bash): (?:line )?\d*:? ?([\w./-]+): (?:(?:command )?not found|No such file)/;

/** A runner that is not there fails like a test, but no edit of the sources can help. */
export function missingRunner({ output, exitCode, report }: Run): string | null {
  if ((report.passed ?? 0) + (report.failed ?? 0) > 0) return null;
  const program = exitCode === 127 ? NO_PROGRAM.exec(output)?.[1] : undefined;
  if (program !== undefined)
    return `\`${program}\` is not ${program.includes("/") ? "there" : "installed here"}`;
  for (const [pattern, words] of NOT_HERE) {
    const missing = pattern.exec(output)?.[1];
    if (missing !== undefined) return `\`${missing}\` ${words}`;
  }
  return null;
}
