import type { CommandExit, Denial, OutputStream, RunningCommand, SandboxNotice } from "@quire/sandbox";
import { type BudgetedText, countNewlines, tokensToBytes } from "../output-budget.ts";
import { DeltaStream } from "./delta-stream.ts";
import { CharacterSeam, OutputLog } from "./output-log.ts";

/** Output kept for the model between two looks at it, in bytes. */
const UNREAD_CAPACITY = { head: 128 * 1024, tail: 128 * 1024 };
/** Output kept for the item, in bytes. */
const WHOLE_CAPACITY = { head: 16 * 1024, tail: 16 * 1024 };
/** The largest budget one look at the output can have. */
export const MAX_OUTPUT_TOKENS = (UNREAD_CAPACITY.head + UNREAD_CAPACITY.tail) / 4;
/** A killed command has this long to disappear; then it is reported as ended all the same. */
const GONE_WITHIN_MS = 900;

const STREAMS = ["stdout", "stderr", "tty"] as const satisfies readonly OutputStream[];
const PASS_THROUGH: OutputFilter = { push: (chunk) => chunk, end: () => Buffer.alloc(0) };

export type StopReason = "timedOut" | "interrupted" | "terminated";

/** How a command ended. `stopped` means that we ended it, `failed` that it never ran. */
export type CommandEnd =
  | { kind: "exited"; exitCode: number }
  | { kind: "signaled"; signal: string }
  | { kind: "stopped"; reason: StopReason }
  | { kind: "failed"; message: string };

/** What is known of a session from its start. Times are of the monotonic clock, in milliseconds. */
export interface SessionFacts {
  /** The number that the model uses. */
  id: number;
  /** The item of the call that started the command; live output is sent under its id. */
  itemId: string;
  command: string;
  argv: readonly string[];
  cwd: string;
  tty: boolean;
  /** Whether input can be written. */
  input: boolean;
  startedMs: number;
  limitMs: number;
}

export type DeltaListener = (itemId: string, delta: string) => void;

/** Changes output on its way in, such as by hiding secrets; sees each stream by itself, in order. */
export interface OutputFilter {
  push(chunk: Buffer): Buffer;
  /** What it held back. */
  end(): Buffer;
}

export interface SessionDeps {
  running: RunningCommand;
  openFilter?: (() => OutputFilter) | undefined;
  monotonicMs: () => number;
  /** Called once, when the end is known and all output has arrived. */
  onEnd: (session: CommandSession) => void;
}

/** One started command: collects its output, enforces its time limit and can be looked at again and again. */
export class CommandSession {
  readonly facts: SessionFacts;
  readonly #deps: SessionDeps;
  readonly #seams: { readonly [S in OutputStream]: CharacterSeam } = {
    stdout: new CharacterSeam(),
    stderr: new CharacterSeam(),
    tty: new CharacterSeam(),
  };
  readonly #filters: { readonly [S in OutputStream]: OutputFilter };
  readonly #whole = new OutputLog(WHOLE_CAPACITY);
  #unread = new OutputLog(UNREAD_CAPACITY);
  readonly #deltas: DeltaStream;
  #deltaListener: DeltaListener | null = null;
  readonly #limitTimer: NodeJS.Timeout;
  #goneTimer: NodeJS.Timeout | null = null;
  #stopReason: StopReason | null = null;
  #end: CommandEnd | null = null;
  #endedMs: number | null = null;
  #denials: readonly Denial[] = [];
  #notices: readonly SandboxNotice[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(facts: SessionFacts, deps: SessionDeps) {
    this.facts = facts;
    this.#deps = deps;
    const open = deps.openFilter ?? (() => PASS_THROUGH);
    this.#filters = { stdout: open(), stderr: open(), tty: open() };
    this.#deltas = new DeltaStream({
      monotonicMs: deps.monotonicMs,
      emit: (delta) => this.#deltaListener?.(facts.itemId, delta),
    });
    this.#limitTimer = setTimeout(() => this.#beginStop("timedOut"), facts.limitMs);
    deps.running.onOutput((chunk, stream) => this.#filterIn(stream, chunk));
    void deps.running.exited.then((exit) => this.#finish(exit));
  }

  /** Null while the command runs. */
  get end(): CommandEnd | null {
    return this.#end;
  }

  /** Signs that the sandbox said no; known when the command has ended. */
  get denials(): readonly Denial[] {
    return this.#denials;
  }

  get notices(): readonly SandboxNotice[] {
    return this.#notices;
  }

  get durationMs(): number {
    return (this.#endedMs ?? this.#deps.monotonicMs()) - this.facts.startedMs;
  }

  get outputBytes(): number {
    return this.#whole.totalBytes;
  }

  /** All output so far, its middle left out so that at most 32 KiB remain. */
  get aggregatedOutput(): string {
    return this.#whole.render(WHOLE_CAPACITY.head + WHOLE_CAPACITY.tail).text;
  }

  /** Where live output goes from now on; null keeps it to the logs. */
  sendDeltasTo(listener: DeltaListener | null): void {
    this.#deltas.flush();
    this.#deltaListener = listener;
  }

  /** What arrived since the last call of this, within the budget. */
  takeUnread(maxTokens: number): BudgetedText {
    const unread = this.#unread.render(tokensToBytes(maxTokens));
    this.#unread = new OutputLog(UNREAD_CAPACITY);
    return unread;
  }

  /** Waits until the command has ended, the time is over or the signal fires, whichever is first. */
  settle(options: { waitMs: number; signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    if (this.#end !== null || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, options.waitMs);
      signal.addEventListener("abort", done, { once: true });
      this.#waiters.add(done);
    });
  }

  /** Resolves with false when the command no longer reads. */
  write(characters: string): Promise<boolean> {
    return this.#deps.running.write(characters);
  }

  endInput(): void {
    this.#deps.running.endInput();
  }

  /** Kills the command and everything it started. Resolves when it is gone, within about a second. */
  async stop(reason: StopReason): Promise<void> {
    if (this.#end !== null) return;
    const gone = new Promise<void>((resolve) => this.#waiters.add(resolve));
    this.#beginStop(reason);
    await gone;
  }

  #beginStop(reason: StopReason): void {
    if (this.#stopReason !== null || this.#end !== null) return;
    this.#stopReason = reason;
    this.#goneTimer = setTimeout(() => this.#finish(null), GONE_WITHIN_MS);
    // The end arrives through `exited`; the timer covers the case that nothing does.
    void this.#deps.running.kill();
  }

  #filterIn(stream: OutputStream, chunk: Buffer): void {
    this.#receive(this.#seams[stream].push(this.#filters[stream].push(chunk)));
  }

  #endStream(stream: OutputStream): void {
    this.#receive(this.#seams[stream].push(this.#filters[stream].end()));
    this.#receive(this.#seams[stream].end());
  }

  #receive(chunk: Buffer): void {
    if (chunk.length === 0 || this.#end !== null) return;
    const newlines = countNewlines(chunk);
    this.#unread.append(chunk, newlines);
    this.#whole.append(chunk, newlines);
    if (this.#deltaListener !== null) this.#deltas.push(chunk);
  }

  #finish(exit: CommandExit | null): void {
    if (this.#end !== null) return;
    clearTimeout(this.#limitTimer);
    if (this.#goneTimer !== null) clearTimeout(this.#goneTimer);
    for (const stream of STREAMS) this.#endStream(stream);
    this.#deltas.flush();
    this.#denials = exit?.denials ?? [];
    this.#notices = exit?.notices ?? [];
    this.#end = endOf(exit, this.#stopReason);
    this.#endedMs = this.#deps.monotonicMs();
    this.#deps.onEnd(this);
    for (const wake of [...this.#waiters]) wake();
    this.#waiters.clear();
  }
}

function endOf(exit: CommandExit | null, stopReason: StopReason | null): CommandEnd {
  if (exit?.kind === "failed") return { kind: "failed", message: exit.message };
  if (stopReason !== null) return { kind: "stopped", reason: stopReason };
  if (exit?.kind === "exited") return { kind: "exited", exitCode: exit.code };
  return { kind: "signaled", signal: exit?.signal ?? "unknown" };
}
