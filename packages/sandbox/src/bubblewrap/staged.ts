import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import type { CommandSpec } from "../command.ts";
import { limitScript } from "../limits/limit-command.ts";
import type { ResourceLimits } from "../policy.ts";
import type { StandardStreams } from "../process/standard-streams.ts";
import { DESCRIPTOR } from "./command-line.ts";

/** Where a shell that reads a long script as its input keeps the command's own. */
const KEPT_INPUT = 9;
/** A shell reads a line byte by byte, so that one longer than this takes longer than starting another shell. */
const MOST_LINE_BYTES = 1024;
const LINE = "quire_line";

/** A shell name, so that `export` takes it. */
const PORTABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * The program of a sandbox that is complete except for its command: a shell that sets the limits, says with one byte
 * that it is ready and then reads one line of what to do, both on the script descriptor. Without a whole line it ends.
 * `before` is shell text that comes first.
 */
export function waitingCommand(sh: string, limits: ResourceLimits, before = ""): string[] {
  const { next } = DESCRIPTOR;
  const script = `${before}${limitScript(limits)}\nprintf r >&${next}\nIFS= read -r ${LINE} <&${next} && eval "$${LINE}"`;
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
  deliver(spec: CommandSpec, cwd: string, input: "kept" | "none"): void {
    this.#script.end(commandScript(spec, cwd, input));
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
 * The command as shell text: one line where it is short and has no line breaks, else a line that starts a shell which
 * reads the rest as its input. Only the end of the text starts anything, and only if every word arrived, so that a text
 * cut off by our end runs nothing.
 */
function commandScript(spec: CommandSpec, cwd: string, input: "kept" | "none"): string {
  const steps = [
    `unset ${LINE}`,
    // Bubblewrap went to a folder of its own choice, and a shell that goes on remembers where it was.
    `cd -P -- ${quote(cwd)} || exit 126`,
    "export PWD",
    "unset OLDPWD",
    ...Object.entries(spec.env ?? {})
      .filter(([name]) => PORTABLE_NAME.test(name))
      .map(([name, value]) => `export ${name}=${quote(value)}`),
    `set -- ${spec.argv.map(quote).join(" ")}`,
  ];
  const start = (kept: string, close: string): string =>
    `[ "$#" -eq ${spec.argv.length} ] && exec "$@" ${input === "kept" ? kept : "0</dev/null"} ${close}`;
  const line = [...steps, start("", `${DESCRIPTOR.next}<&-`)].join("; ");
  if (line.length <= MOST_LINE_BYTES && !line.includes("\n")) return `${line}\n`;
  return [
    `exec ${KEPT_INPUT}<&0 0<&${DESCRIPTOR.next} ${DESCRIPTOR.next}<&-; exec "$0"`,
    ...steps,
    start(`0<&${KEPT_INPUT}`, `${KEPT_INPUT}<&-`),
    "",
  ].join("\n");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
