import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { CommandSpec } from "../command.ts";
import type { StandardStreams } from "../process/standard-streams.ts";
import { DESCRIPTOR } from "./command-line.ts";

/** Where the shell keeps the command's own standard input while it reads the command. */
const KEPT_INPUT = 9;

/** A shell name, so that `export` takes it. */
const PORTABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The program of a sandbox that is complete except for its command: a shell that says so with one byte and then reads
 * what to run, both on the script descriptor.
 */
export function waitingCommand(sh: string): string[] {
  const script = `printf r >&${DESCRIPTOR.next}; exec ${KEPT_INPUT}<&0 0<&${DESCRIPTOR.next} ${DESCRIPTOR.next}<&-; exec "$0"`;
  return [sh, "-c", script, sh];
}

/** Our end of the script descriptor. */
export class Stage {
  readonly #child: ChildProcess;
  readonly #script: Socket;
  readonly #streams: StandardStreams;
  /** False when it ended before it was complete. */
  readonly complete: Promise<boolean>;

  constructor(child: ChildProcess, streams: StandardStreams) {
    const script = [...child.stdio][DESCRIPTOR.next];
    if (!(script instanceof Socket)) throw new Error("a staged sandbox was made without a way to reach it");
    this.#child = child;
    this.#script = script;
    this.#streams = streams;
    script.on("error", () => undefined);
    this.complete = new Promise((resolve) => {
      script.once("data", () => resolve(true));
      script.once("close", () => resolve(false));
    });
  }

  /** Starts the command. `input` says whether it gets the standard input made with the sandbox, or none. */
  deliver(spec: CommandSpec, input: "kept" | "none"): void {
    this.#script.end(commandScript(spec, input));
    if (input === "none") this.#streams.stdin?.end();
  }

  /** Whether our process stays alive for this one: not while it waits for a command that may never come. */
  keepAlive(alive: boolean): void {
    const change = alive ? "ref" : "unref";
    this.#child[change]();
    for (const stream of [this.#script, ...Object.values(this.#streams)]) {
      if (stream instanceof Socket) stream[change]();
    }
  }
}

/** Whether a sandbox made before the command was known can run it exactly as it is. */
export function canPrewarm(spec: CommandSpec): boolean {
  if (spec.tty || spec.inherit) return false;
  return Object.keys(spec.env ?? {}).every((name) => PORTABLE_NAME.test(name));
}

/**
 * The command as shell text. Only its last line starts anything, and only if every word arrived, so that a text cut
 * off by our end runs nothing.
 */
export function commandScript(spec: CommandSpec, input: "kept" | "none"): string {
  return [
    ...Object.entries(spec.env ?? {})
      .filter(([name]) => PORTABLE_NAME.test(name))
      .map(([name, value]) => `export ${name}=${quote(value)}`),
    `set -- ${spec.argv.map(quote).join(" ")}`,
    `[ "$#" -eq ${spec.argv.length} ] && exec "$@" ${input === "kept" ? `0<&${KEPT_INPUT}` : "0</dev/null"} ${KEPT_INPUT}<&-`,
    "",
  ].join("\n");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
