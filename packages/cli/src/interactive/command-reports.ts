import { Writable } from "node:stream";
import { errorInfoOf } from "@quire/protocol";
import type { Reports } from "@quire/tui";
import type { Command } from "../command-table.ts";
import type { EngineBase } from "../engine/thread-config.ts";
import type { System } from "../system.ts";
import { errorText } from "../terminal/error-text.ts";
import { styleFor } from "../terminal/style.ts";

/** More than anybody reads in a terminal. */
const MOST_BYTES = 1024 * 1024;

/** The table of commands, given from above since the interface itself is in it. */
export type FindCommand = (name: string) => Command | undefined;

/** Commands of this program whose output is shown in its terminal interface, run in this process. */
export function commandReports(base: EngineBase, findCommand: FindCommand): Reports {
  const { system, overrides } = base;
  return {
    has: (name) => findCommand(name)?.name === name,
    async run(name, words, cwd) {
      const printed = new Printed();
      const inside: System = { ...system, cwd, stdout: printed, stderr: printed };
      const more = TAKES_CONFIG.has(name) ? overrides.flatMap((override) => ["-c", override]) : [];
      try {
        const command = findCommand(name);
        if (command !== undefined) await (await command.load())([...words, ...more], inside);
      } catch (thrown) {
        printed.write(errorText(errorInfoOf(thrown), styleFor(inside, "never")));
      }
      return printed.text;
    },
    async nextRequest(of) {
      try {
        return await (await import("./next-request.ts")).nextRequestText(base, of);
      } catch (thrown) {
        return errorText(errorInfoOf(thrown), styleFor(system, "never"));
      }
    },
  };
}

/** Commands that take `-c KEY=VALUE`. */
const TAKES_CONFIG: ReadonlySet<string> = new Set(["explain"]);

/** What was written, up to a bound. */
class Printed extends Writable {
  #parts: string[] = [];
  #size = 0;

  get text(): string {
    return this.#parts.join("");
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    const text = String(chunk);
    if (this.#size < MOST_BYTES) this.#parts.push(text);
    this.#size += text.length;
    done();
  }
}
