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
  /** Older commands that are not listed; absent where there are none. */
  commandsLeftOut?: number;
  files: { path: string; kind: "add" | "delete" | "update"; added: number; removed: number }[];
}

/** The newest are kept: a turn of thousands of commands must not grow with them. */
const MOST_COMMANDS = 500;

/** Gathers the evidence of a turn from its completed items, in their order. Bounded in commands; files are listed once each. */
export class EvidenceLog {
  readonly #commands: (Omit<CommandEvidence, "afterLastEdit" | "tests"> & { id: string; edits: number })[] =
    [];
  readonly #files = new Map<string, Evidence["files"][number]>();
  #edits = 0;
  #leftOut = 0;

  add(item: ThreadItem): void {
    // A look at a running command is no run of its own.
    if (item.type === "commandExecution" && item.source !== "unifiedExecInteraction") {
      const { id, command, exitCode, durationMs } = item;
      this.#commands.push({ id, command, exitCode, durationMs, edits: this.#edits });
      if (this.#commands.length > MOST_COMMANDS * 2) {
        this.#leftOut += this.#commands.splice(0, MOST_COMMANDS).length;
      }
    }
    if (item.type !== "fileChange" || item.status !== "completed") return;
    this.#edits += 1;
    for (const change of item.changes) {
      const seen = this.#files.get(change.path);
      this.#files.set(change.path, {
        path: change.path,
        kind: seen?.kind === "add" && change.kind.type === "update" ? "add" : change.kind.type,
        added: (seen?.added ?? 0) + change.added,
        removed: (seen?.removed ?? 0) + change.removed,
      });
    }
  }

  /**
   * What there is so far. `testsOf` says what the tests of a command came to, by its item. Commands that ran before the
   * last edit prove nothing about it.
   */
  evidence(testsOf: (itemId: string) => TestCounts | null): Evidence {
    const commands = this.#commands.slice(-MOST_COMMANDS);
    const leftOut = this.#leftOut + this.#commands.length - commands.length;
    return {
      commands: commands.map(({ id, edits, ...command }) => ({
        ...command,
        afterLastEdit: edits === this.#edits,
        tests: testsOf(id),
      })),
      ...(leftOut === 0 ? {} : { commandsLeftOut: leftOut }),
      files: [...this.#files.values()],
    };
  }
}
