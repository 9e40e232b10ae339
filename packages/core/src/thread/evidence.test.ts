import type { ThreadItem } from "@quire/protocol";
import { expect, test } from "vitest";
import { collectEvidence } from "./evidence.ts";

const ran = (
  command: string,
  exitCode: number,
  source: "agent" | "unifiedExecInteraction" = "agent",
  output = "",
): ThreadItem => ({
  type: "commandExecution",
  id: command,
  command,
  argv: [],
  cwd: "/",
  processId: null,
  source,
  status: "completed",
  aggregatedOutput: output,
  outputBytes: output.length,
  exitCode,
  durationMs: 1,
  error: null,
});
const changed = (path: string, type: "add" | "update", status: "completed" | "failed"): ThreadItem => ({
  type: "fileChange",
  id: path,
  status,
  error: null,
  changes: [
    { path, kind: type === "add" ? { type } : { type, move_path: null }, diff: "", added: 2, removed: 1 },
  ],
});

test("only what ran after the last edit that happened speaks for the result", () => {
  const evidence = collectEvidence([
    ran("npm test", 1),
    changed("/a", "add", "completed"),
    ran("npm run lint", 0),
    changed("/a", "update", "completed"),
    ran("npm test", 0),
    ran("npm test", 0, "unifiedExecInteraction"),
    changed("/b", "update", "failed"),
  ]);
  expect(evidence).toEqual({
    commands: [
      { command: "npm test", exitCode: 1, durationMs: 1, afterLastEdit: false, tests: null },
      { command: "npm run lint", exitCode: 0, durationMs: 1, afterLastEdit: false, tests: null },
      { command: "npm test", exitCode: 0, durationMs: 1, afterLastEdit: true, tests: null },
    ],
    files: [{ path: "/a", kind: "add", added: 4, removed: 2 }],
  });
});

test("what a runner counted counts, whatever the exit code says, and what others print does not", () => {
  const pytest = "F.\n1 failed, 41 passed in 0.12s\n";
  const counted = (command: string, output: string) =>
    collectEvidence([ran(command, 0, "agent", output)]).commands[0]?.tests;
  expect(counted("python3 -m pytest -q || true", pytest)).toEqual({
    passed: 41,
    failed: 1,
    skipped: 0,
    unit: "tests",
  });
  expect(counted("go test ./...", "ok  \texample.invalid/a\t0.01s\n")).toEqual({
    passed: 1,
    failed: 0,
    skipped: 0,
    unit: "packages",
  });
  expect(counted("cat last-run.txt", pytest)).toBeNull();
  expect(counted("npm test", "all is well\n")).toBeNull();
  const cut = ran("npx tap", 0, "agent", "ok 1\nok 2\n");
  expect(collectEvidence([{ ...cut, outputBytes: 5000 } as ThreadItem]).commands[0]?.tests).toBeNull();
});
