import type { ThreadItem } from "@quire/protocol";
import { expect, test } from "vitest";
import { EvidenceLog } from "./evidence.ts";

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
  const evidence = evidenceOf([
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

test("what tests came to stands beside the command that ran them", () => {
  const tests = { passed: 41, failed: 1, skipped: 0, unit: "tests" as const };
  const { commands } = evidenceOf([ran("npm test", 0), ran("ls", 0)], (id) =>
    id === "npm test" ? tests : null,
  );
  expect(commands.map((command) => command.tests)).toEqual([tests, null]);
});

test("of thousands of commands the newest are listed, and the others counted", () => {
  const items = Array.from({ length: 3210 }, (_, index) => ran(`make ${index}`, 0));
  const { commands, commandsLeftOut } = evidenceOf(items);
  expect([commands.length, commands.at(-1)?.command, commandsLeftOut]).toEqual([500, "make 3209", 2710]);
});

function evidenceOf(
  items: readonly ThreadItem[],
  testsOf: Parameters<EvidenceLog["evidence"]>[0] = () => null,
) {
  const log = new EvidenceLog();
  for (const item of items) log.add(item);
  return log.evidence(testsOf);
}
