import type { TestCounts } from "./counters.ts";
import { parseTestReport } from "./parse-test-report.ts";
import { isTestCommand } from "./test-command.ts";

/** Runners whose counts are made of many lines: with a part of the output missing they say nothing. */
const COUNTED_BY_LINES = new Set(["tap", "JUnit", "go test", "cargo test"]);

/** What a command that was run, and its output, tell about tests. */
export interface RanCommand {
  /** Shell text. */
  command: string;
  output: string;
  /** Whether a part of the output is missing. */
  isCut: boolean;
}

/** The counts of a command that runs tests; null for other commands, and where the output does not say them. */
export function testsOfCommand({ command, output, isCut }: RanCommand): TestCounts | null {
  if (!isTestCommand(command)) return null;
  const { passed, failed, skipped, unit, runner } = parseTestReport(output);
  if (passed === null || failed === null || skipped === null) return null;
  return isCut && COUNTED_BY_LINES.has(runner ?? "") ? null : { passed, failed, skipped, unit };
}
