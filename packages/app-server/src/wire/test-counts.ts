import type { CommandExecutionItem, ThreadItem } from "@quire/protocol";
import type { RanCommand, TestCounts } from "@quire/test-report";

type Read = (ran: RanCommand) => TestCounts | null;

/**
 * What the tests of a turn's commands came to. Counts are taken when a command ends, because its output is not kept; the
 * code that takes them is loaded when the first command starts, and a turn without commands never loads it.
 */
export class TurnTests {
  #loading: Promise<void> | null = null;
  #read: Read | null = null;
  /** Of those that ran tests: a turn of thousands of commands must not grow with them. */
  readonly #counts = new Map<string, TestCounts>();
  /** Ended before the code was there. */
  readonly #waiting = new Map<string, RanCommand>();

  begin(item: ThreadItem): void {
    if (item.type !== "commandExecution") return;
    this.#loading ??= import("@quire/test-report").then(
      ({ testsOfCommand }) => {
        this.#read = testsOfCommand;
        for (const [id, ran] of this.#waiting) this.#keep(id, testsOfCommand(ran));
        this.#waiting.clear();
      },
      // A damaged installation: evidence then has exit codes alone.
      () => {
        this.#read = () => null;
        this.#waiting.clear();
      },
    );
  }

  end(item: CommandExecutionItem): void {
    const { command, aggregatedOutput: output, outputBytes } = item;
    if (output === null) return;
    const ran = { command, output, isCut: outputBytes > Buffer.byteLength(output) };
    if (this.#read === null) this.#waiting.set(item.id, ran);
    else this.#keep(item.id, this.#read(ran));
  }

  #keep(itemId: string, counts: TestCounts | null): void {
    if (counts !== null) this.#counts.set(itemId, counts);
  }

  of(itemId: string): TestCounts | null {
    return this.#counts.get(itemId) ?? null;
  }

  clear(): void {
    this.#counts.clear();
    this.#waiting.clear();
  }
}
