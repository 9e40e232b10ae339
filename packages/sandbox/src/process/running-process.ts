import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { CommandExit, OutputListener, OutputStream, RunningCommand } from "../command.ts";
import { guessDenials } from "../denials.ts";
import { OutputFlow } from "./output-flow.ts";
import type { ProcessLifetime } from "./process-lifetime.ts";
import type { StandardStreams } from "./standard-streams.ts";
import type { Terminal } from "./terminal.ts";

/** Time between asking a command to end and making it end. */
const TERM_GRACE_MS = 400;

export interface RunningProcessOptions {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly streams: StandardStreams;
  readonly terminal?: Terminal | undefined;
  readonly prewarmed: boolean;
  readonly lifetime: ProcessLifetime;
  readonly writableRoots: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** The {@link RunningCommand} over a process that was already started. */
export class RunningProcess implements RunningCommand {
  readonly pid: number;
  readonly prewarmed: boolean;
  /** As `exited`, without starting the flow of output. */
  readonly ended: Promise<CommandExit>;
  readonly #options: RunningProcessOptions;
  readonly #input: Writable | null;
  readonly #output: OutputFlow;
  #over = false;
  #killedBy: "SIGTERM" | "SIGKILL" | undefined;

  constructor(options: RunningProcessOptions) {
    const { streams, terminal } = options;
    this.#options = options;
    this.pid = options.pid;
    this.prewarmed = options.prewarmed;
    this.#input = terminal?.stream ?? streams.stdin;
    // A command may stop reading at any time; the pending write resolves with false.
    this.#input?.on("error", () => undefined);
    this.#output = new OutputFlow(terminal ? [["tty", terminal.stream]] : outputs(streams));
    this.ended = this.#run();
    this.#followAbort();
  }

  get exited(): Promise<CommandExit> {
    this.#output.flow();
    return this.ended;
  }

  onOutput(listener: OutputListener): void {
    this.#output.listen(listener);
  }

  write(data: string | Uint8Array): Promise<boolean> {
    const input = this.#input;
    if (input === null || input.destroyed || input.writableEnded) return Promise.resolve(false);
    return new Promise((resolve) => {
      const gone = (): void => resolve(false);
      input.once("close", gone);
      input.write(data, (error) => {
        input.off("close", gone);
        resolve(!error);
      });
    });
  }

  endInput(): void {
    if (this.#options.terminal) void this.write("\u0004");
    else this.#input?.end();
  }

  resize(cols: number, rows: number): void {
    if (!this.#over) this.#options.terminal?.resize(cols, rows);
  }

  pause(): void {
    this.#output.pause();
  }

  resume(): void {
    this.#output.resume();
  }

  async kill(): Promise<void> {
    if (this.#over) return;
    const { lifetime } = this.#options;
    this.#killedBy ??= "SIGTERM";
    lifetime.signal("SIGTERM");
    const insist = setTimeout(() => {
      this.#killedBy = "SIGKILL";
      lifetime.signal("SIGKILL");
    }, TERM_GRACE_MS);
    // Nobody may be reading any more; the command's end must not wait for that.
    this.#output.flow();
    this.#output.resume();
    await this.ended;
    clearTimeout(insist);
  }

  async #run(): Promise<CommandExit> {
    const { child, lifetime, terminal, writableRoots } = this.#options;
    const [code, signal] = await exitOf(child);
    await lifetime.settle();
    if (terminal) {
      await this.#output.quiet();
      terminal.releaseDevice();
    }
    await this.#output.finished();
    this.#over = true;
    this.#input?.destroy();
    const end = this.#killedBy
      ? ({ kind: "signaled", signal: this.#killedBy } as const)
      : lifetime.interpret(code, signal);
    const notices = await lifetime.finish();
    const tail = this.#output.tail;
    const denials = end.kind === "failed" ? [] : guessDenials(end, tail, writableRoots);
    if (end.kind !== "failed") return { ...end, denials, notices };
    const message = tail.trim().split("\n").at(-1) ?? "";
    return {
      kind: "failed",
      message: message || "the sandbox ended before the command started",
      denials,
      notices,
    };
  }

  #followAbort(): void {
    const { signal } = this.#options;
    if (signal === undefined) return;
    const abort = (): void => void this.kill();
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    void this.ended.then(() => signal.removeEventListener("abort", abort));
  }
}

/** It may have ended before anyone asked. */
function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve([child.exitCode, child.signalCode]);
  }
  return new Promise((resolve) => child.once("exit", (...status) => resolve(status)));
}

function outputs({ stdout, stderr }: StandardStreams): ReadonlyArray<readonly [OutputStream, Readable]> {
  const streams: [OutputStream, Readable][] = [];
  if (stdout) streams.push(["stdout", stdout]);
  if (stderr) streams.push(["stderr", stderr]);
  return streams;
}
