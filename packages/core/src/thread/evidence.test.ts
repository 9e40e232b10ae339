import type { ThreadItem } from "@quire/protocol";
import { expect, test } from "vitest";
import { collectEvidence } from "./evidence.ts";

const ran = (
  command: string,
  exitCode: number,
  source: "agent" | "unifiedExecInteraction" = "agent",
): ThreadItem => ({
  type: "commandExecution",
  id: command,
  command,
  argv: [],
  cwd: "/",
  processId: null,
  source,
  status: "completed",
  aggregatedOutput: "",
  outputBytes: 0,
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
  const evidence = collectEvidence(
    [
      ran("npm test", 1),
      changed("/a", "add", "completed"),
      ran("npm run lint", 0),
      changed("/a", "update", "completed"),
      ran("npm test", 0),
      ran("npm test", 0, "unifiedExecInteraction"),
      changed("/b", "update", "failed"),
    ],
    () => null,
  );
  expect(evidence).toEqual({
    commands: [
      { command: "npm test", exitCode: 1, durationMs: 1, afterLastEdit: false, tests: null },
      { command: "npm run lint", exitCode: 0, durationMs: 1, afterLastEdit: false, tests: null },
      { command: "npm test", exitCode: 0, durationMs: 1, afterLastEdit: true, tests: null },
    ],
    files: [{ path: "/a", kind: "add", added: 4, removed: 2 }],
  });
});

test("what tests came to stands beside the command that ran them", () => {
  const tests = { passed: 41, failed: 1, skipped: 0, unit: "tests" as const };
  const { commands } = collectEvidence([ran("npm test", 0), ran("ls", 0)], (id) =>
    id === "npm test" ? tests : null,
  );
  expect(commands.map((command) => command.tests)).toEqual([tests, null]);
});
