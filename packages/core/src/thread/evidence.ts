import type { ThreadItem } from "@quire/protocol";
import type { TestCounts } from "@quire/test-report";

/** One command that really ran, as the harness saw it. */
export interface CommandEvidence {
  command: string;
  exitCode: number | null;
  durationMs: number | null;
  /** Whether no file was changed by a patch after this command began; only then does it speak for the result. */
  afterLastEdit: boolean;
  /** What a test runner counted; null for other commands, and where the output does not say it. */
  tests: TestCounts | null;
}

/** What a turn did, from its log and not from what the model says of it. */
export interface Evidence {
  commands: CommandEvidence[];
  files: { path: string; kind: "add" | "delete" | "update"; added: number; removed: number }[];
}

/**
 * Sums up the completed items of a turn, in their order. `testsOf` says what the tests of a command came to. Commands
 * that ran before the last edit prove nothing about it.
 */
export function collectEvidence(
  items: readonly ThreadItem[],
  testsOf: (itemId: string) => TestCounts | null,
): Evidence {
  let lastEdit = -1;
  for (const [index, item] of items.entries()) {
    if (item.type === "fileChange" && item.status === "completed") lastEdit = index;
  }
  const evidence: Evidence = { commands: [], files: [] };
  const files = new Map<string, Evidence["files"][number]>();
  for (const [index, item] of items.entries()) {
    // A look at a running command is no run of its own.
    if (item.type === "commandExecution" && item.source !== "unifiedExecInteraction") {
      evidence.commands.push({
        command: item.command,
        exitCode: item.exitCode,
        durationMs: item.durationMs,
        afterLastEdit: index > lastEdit,
        tests: testsOf(item.id),
      });
    }
    if (item.type !== "fileChange" || item.status !== "completed") continue;
    for (const change of item.changes) {
      const seen = files.get(change.path);
      files.set(change.path, {
        path: change.path,
        kind: seen?.kind === "add" && change.kind.type === "update" ? "add" : change.kind.type,
        added: (seen?.added ?? 0) + change.added,
        removed: (seen?.removed ?? 0) + change.removed,
      });
    }
  }
  evidence.files = [...files.values()];
  return evidence;
}
