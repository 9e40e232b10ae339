import { parseTestReport, type TestReport } from "@quire/test-report";
import type { Inspection } from "./inspection.ts";
import { shortCommand } from "./report.ts";
import { type Remarks, runCommand } from "./run-command.ts";
import type { Flow } from "./step.ts";
import type { TestCommand } from "./test-command.ts";
import { KILLED } from "./tool-output.ts";
import type { Turn } from "./turn.ts";

/** One run of a test command in the workspace. */
export interface Run {
  command: TestCommand;
  report: TestReport;
  exitCode: number | null;
  hung: boolean;
  output: string;
  wallSeconds: number;
  refused: boolean;
}

/** Runs a test command with a time limit, so that a suite that hangs is seen and not waited for. */
export function* runTests(
  command: TestCommand,
  inspection: Inspection,
  turn: Turn,
  remarks: Remarks,
): Flow<Run> {
  const limit = Math.ceil(Math.max(2.5, Math.min(60, turn.budget.total / 4)));
  const shown = inspection.tools.has("timeout")
    ? `timeout -k 2 ${limit} sh -c '${command.shown.replaceAll("'", "'\\''")}' 2>&1`
    : `${command.shown} 2>&1`;
  const finished = yield* runCommand(shown, 10_000, remarks);
  turn.budget.spend(finished.wallSeconds);
  turn.hear(finished.steering);
  return {
    command,
    report: parseTestReport(finished.output),
    exitCode: finished.exitCode,
    hung: finished.exitCode === 124 || finished.exitCode === KILLED,
    output: finished.output,
    wallSeconds: finished.wallSeconds,
    refused: finished.refused,
  };
}

/** A runner that is not there fails like a test, but no edit of the sources can help. */
export function missingRunner({ output, exitCode, command }: Run): string | null {
  const tool = /(?:sh|bash): \d*:? ?([\w./-]+): (?:command )?not found/.exec(output)?.[1];
  if (exitCode === 127 && tool !== undefined)
    return `\`${shortCommand(command.shown)}\` needs \`${tool}\`, which is not installed here.`;
  const module = /No module named '?(pytest|nose|tox|nox)'?/.exec(output)?.[1];
  return module === undefined ? null : `the tests need \`${module}\`, which Python cannot import here.`;
}
