export { type RanCommand, testsOfCommand } from "./command-tests.ts";
export type { TestCounts } from "./counters.ts";
export { describeReport } from "./describe-counts.ts";
export { isRealTestScript, type NamedTests, namedTests, type TestFacts } from "./named-tests.ts";
export { parseTestReport, type TestReport } from "./parse-test-report.ts";
export { isTestCommand } from "./test-command.ts";
