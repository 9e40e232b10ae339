import type { CommandExecutionItem } from "@quire/protocol";
import { expect, test } from "vitest";
import { TurnTests } from "./test-counts.ts";

const ran = (
  id: string,
  command: string,
  output: string,
  outputBytes = output.length,
): CommandExecutionItem => ({
  type: "commandExecution",
  id,
  command,
  argv: [],
  cwd: "/",
  processId: null,
  source: "agent",
  status: "completed",
  aggregatedOutput: output,
  outputBytes,
  exitCode: 0,
  durationMs: 1,
  error: null,
});

test("what a runner counted counts, whatever the exit code says, and what others print does not", async () => {
  const tests = new TurnTests();
  const pytest = "F.\n1 failed, 41 passed in 0.12s\n";
  const items = [
    ran("runner", "python3 -m pytest -q || true", pytest),
    ran("packages", "go test ./...", "ok  \texample.invalid/a\t0.01s\n"),
    ran("printed", "cat last-run.txt", pytest),
    ran("silent", "npm test", "all is well\n"),
    ran("cut", "npx tap", "ok 1\nok 2\n", 5000),
  ];
  for (const item of items) tests.begin(item);
  for (const item of items) tests.end(item);
  await expect.poll(() => tests.of("runner"), { timeout: 30_000 }).not.toBeNull();
  expect(Object.fromEntries(items.map(({ id }) => [id, tests.of(id)]))).toEqual({
    runner: { passed: 41, failed: 1, skipped: 0, unit: "tests" },
    packages: { passed: 1, failed: 0, skipped: 0, unit: "packages" },
    printed: null,
    silent: null,
    cut: null,
  });
  tests.clear();
  expect(tests.of("runner")).toBeNull();
  tests.end(ran("later", "npm test", "# tests 1\n# pass 1\n# fail 0\n1..1\n"));
  expect(tests.of("later")).toEqual({ passed: 1, failed: 0, skipped: 0, unit: "tests" });
});
