import type { ErrorInfo } from "@quire/protocol";
import type { CommandSpec, RunningCommand, StartOutcome } from "@quire/sandbox";
import {
  CommandSession,
  type DeltaListener,
  type OutputFilter,
  type SessionFacts,
} from "./command-session.ts";
import { type NotStarted, startFailure } from "./start-failure.ts";

const DEFAULT_MAX_SESSIONS = 64;
const DEFAULT_LIFETIME_MS = 4 * 60 * 60 * 1000;
const TTY_SIZE = { cols: 120, rows: 40 };
/** Without a terminal nobody answers a pager or reads colours. */
const PLAIN_ENVIRONMENT = { TERM: "dumb", NO_COLOR: "1", PAGER: "cat", GIT_PAGER: "cat", GH_PAGER: "cat" };
const TTY_ENVIRONMENT = { TERM: "xterm-256color", PAGER: "cat", GIT_PAGER: "cat", GH_PAGER: "cat" };

/** The part of a sandbox that commands need. */
export interface CommandStarter {
  start(spec: CommandSpec, options: { signal: AbortSignal }): Promise<StartOutcome>;
}

/** Where commands run. `unconfined` serves calls whose escalation was approved; without it they fail. */
export interface Confinement {
  sandbox: CommandStarter;
  unconfined?: CommandStarter;
}

export interface CommandSessionsDeps extends Confinement {
  /** The shell of calls that name none. `path` is absolute. */
  shell: { path: string };
  /** Variables added to the sandbox's own, such as those of a login shell, read once. */
  environment: Readonly<Record<string, string>>;
  monotonicMs: () => number;
  /** Running at once, background ones included. Default 64. */
  maxSessions?: number;
  /** Even a background command is killed after this long. Default four hours. */
  maxLifetimeMs?: number;
  /** Each output passes one of these before anything is kept or shown of it, so that a cut cannot split what it hides. */
  openOutputFilter?: () => OutputFilter;
  /** Live output of a command while no call is looking at it. */
  onBackgroundOutput?: DeltaListener;
  /** A command that outlived the call that started it has ended; its last output may still be unread. */
  onBackgroundEnd?: (session: CommandSession) => void;
}

export interface StartRequest {
  itemId: string;
  command: string;
  argv: readonly string[];
  cwd: string;
  tty: boolean;
  /** Keep the standard input open for writing; a terminal's always is. */
  input: boolean;
  unconfined: boolean;
  timeoutMs: number | null;
  signal: AbortSignal;
}

export type SessionStart =
  | { kind: "started"; session: CommandSession }
  | { kind: "refused"; error: ErrorInfo };

/** A command as `list` shows it. */
export interface SessionSummary extends SessionFacts {
  running: boolean;
  durationMs: number;
  outputBytes: number;
}

/** The commands of one thread, in the foreground and in the background. */
export interface CommandSessions {
  readonly shell: { path: string };
  /** Whether a command may run outside the sandbox at all. */
  readonly canEscalate: boolean;
  start(request: StartRequest): Promise<SessionStart>;
  get(id: number): CommandSession | null;
  /** Forgets a session whose end the model has seen. */
  release(session: CommandSession): void;
  /** Marks a session as running on while nobody waits for it. */
  leaveInBackground(session: CommandSession): void;
  /** Oldest first. */
  list(): SessionSummary[];
  /** False when there is no such running command. Resolves when it is gone. */
  terminate(id: number): Promise<boolean>;
  /** Commands started from now on run here; those that run already stay where they are. */
  confineBy(confinement: Confinement): void;
  /** Kills everything. May be called twice. */
  close(): Promise<void>;
}

export function createCommandSessions(deps: CommandSessionsDeps): CommandSessions {
  return new ThreadCommands(deps);
}

class ThreadCommands implements CommandSessions {
  readonly shell: { path: string };
  readonly #deps: CommandSessionsDeps;
  readonly #maxSessions: number;
  readonly #sessions = new Map<number, CommandSession>();
  readonly #background = new Set<CommandSession>();
  readonly #starts = new Map<AbortController, Promise<SessionStart>>();
  #confinement: Confinement;
  #closed = false;
  #lastId = 0;

  constructor(deps: CommandSessionsDeps) {
    this.shell = deps.shell;
    this.#deps = deps;
    this.#maxSessions = deps.maxSessions ?? DEFAULT_MAX_SESSIONS;
    this.#confinement = deps;
  }

  get canEscalate(): boolean {
    return this.#confinement.unconfined !== undefined;
  }

  async start(request: StartRequest): Promise<SessionStart> {
    if (this.#closed) return refused({ kind: "closed" });
    const running = this.list().filter((session) => session.running).length;
    if (running + this.#starts.size >= this.#maxSessions) {
      return refused({ kind: "tooMany", limit: this.#maxSessions });
    }
    const { unconfined, sandbox } = this.#confinement;
    const starter = request.unconfined ? unconfined : sandbox;
    if (starter === undefined) return refused({ kind: "noUnconfined" });
    // Only the start obeys the call's signal: afterwards the command may outlive the call.
    const cancel = new AbortController();
    const abort = () => cancel.abort();
    if (request.signal.aborted) abort();
    request.signal.addEventListener("abort", abort, { once: true });
    const starting = this.#startWith(starter, request, cancel.signal);
    this.#starts.set(cancel, starting);
    try {
      return await starting;
    } finally {
      request.signal.removeEventListener("abort", abort);
      this.#starts.delete(cancel);
    }
  }

  get(id: number): CommandSession | null {
    return this.#sessions.get(id) ?? null;
  }

  release(session: CommandSession): void {
    if (session.end !== null) this.#sessions.delete(session.facts.id);
  }

  leaveInBackground(session: CommandSession): void {
    session.sendDeltasTo(this.#deps.onBackgroundOutput ?? null);
    if (session.end === null) this.#background.add(session);
  }

  list(): SessionSummary[] {
    return [...this.#sessions.values()].map(summaryOf);
  }

  async terminate(id: number): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (session === undefined || session.end !== null) return false;
    await session.stop("terminated");
    return true;
  }

  confineBy(confinement: Confinement): void {
    this.#confinement = confinement;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#starts.keys()) cancel.abort();
    await Promise.allSettled(this.#starts.values());
    await Promise.all([...this.#sessions.values()].map((session) => session.stop("terminated")));
    this.#sessions.clear();
  }

  async #startWith(
    starter: CommandStarter,
    request: StartRequest,
    signal: AbortSignal,
  ): Promise<SessionStart> {
    const outcome = await starter.start(specOf(request, this.#deps.environment), { signal });
    if (outcome.kind !== "started") return refused(outcome);
    this.#makeRoom();
    this.#lastId += 1;
    const session = this.#adopt(this.#lastId, request, outcome.command);
    this.#sessions.set(session.facts.id, session);
    return { kind: "started", session };
  }

  #adopt(id: number, request: StartRequest, running: RunningCommand): CommandSession {
    const lifetimeMs = this.#deps.maxLifetimeMs ?? DEFAULT_LIFETIME_MS;
    const facts: SessionFacts = {
      id,
      itemId: request.itemId,
      command: request.command,
      argv: request.argv,
      cwd: request.cwd,
      tty: request.tty,
      input: request.tty || request.input,
      startedMs: this.#deps.monotonicMs(),
      limitMs: Math.min(request.timeoutMs ?? lifetimeMs, lifetimeMs),
    };
    return new CommandSession(facts, {
      running,
      monotonicMs: this.#deps.monotonicMs,
      openFilter: this.#deps.openOutputFilter,
      onEnd: (ended) => {
        if (this.#background.delete(ended)) this.#deps.onBackgroundEnd?.(ended);
      },
    });
  }

  /** Finished commands whose end nobody asked for give way to new ones, oldest first. */
  #makeRoom(): void {
    for (const session of this.#sessions.values()) {
      if (this.#sessions.size < this.#maxSessions) return;
      if (session.end !== null) this.#sessions.delete(session.facts.id);
    }
  }
}

function refused(outcome: NotStarted): SessionStart {
  return { kind: "refused", error: startFailure(outcome) };
}

function specOf(request: StartRequest, environment: Readonly<Record<string, string>>): CommandSpec {
  return {
    argv: request.argv,
    cwd: request.cwd,
    origin: request.itemId,
    env: { ...environment, ...(request.tty ? TTY_ENVIRONMENT : PLAIN_ENVIRONMENT) },
    ...(request.tty ? { tty: TTY_SIZE } : { stdin: request.input ? "pipe" : "ignore" }),
  };
}

function summaryOf(session: CommandSession): SessionSummary {
  return {
    ...session.facts,
    running: session.end === null,
    durationMs: session.durationMs,
    outputBytes: session.outputBytes,
  };
}
