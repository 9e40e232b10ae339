import type { EventReader, RunningTurn } from "@quire/core";
import { CodedError, errorInfoOf, type RateLimit, type Turn } from "@quire/protocol";
import type { ServerNotification, ThreadStatus } from "@quire/protocol/app-server";
import type { Connection } from "../connection.ts";
import type { EngineThread, ThreadQueues, TurnOverrides } from "../engine.ts";
import { EventView } from "../wire/event-view.ts";
import { settingsUpdated } from "../wire/settings-view.ts";
import type { Audience } from "./audience.ts";
import type { ActiveFlag, Questions } from "./questions.ts";
import { type LastTurn, QueueRunner } from "./queue-runner.ts";

/** Events that may wait while a burst is passed on; the clients' own queues decide what a slow one loses. */
const READER_CAPACITY = 100_000;

/** A thread that is open in this process, with the clients that follow it. */
export class LoadedThread {
  readonly id: string;
  readonly ephemeral: boolean;
  readonly audience: Audience;
  readonly questions: Questions;
  /** Threads of its agents that are open. */
  readonly agents = new Set<LoadedThread>();
  readonly queue: QueueRunner;
  #engineThread: EngineThread;
  #running: RunningTurn | null = null;
  /** The last one begun; it may have ended before the clients are told so. */
  #begun: RunningTurn | null = null;
  #flags: ActiveFlag[] = [];
  #gate: Promise<void> = Promise.resolve();
  #reader: EventReader | null = null;
  /** Events of the thread before it was opened anew. */
  #earlier = 0;
  readonly #now: () => number;
  readonly #onRateLimits: (limits: readonly RateLimit[]) => void;
  #closing: Promise<void> | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(parts: {
    engineThread: EngineThread;
    audience: Audience;
    questions: Questions;
    ephemeral: boolean;
    queues: ThreadQueues;
    lastTurn: LastTurn;
    now: () => number;
    onRateLimits: (limits: readonly RateLimit[]) => void;
  }) {
    this.id = parts.engineThread.thread.id;
    this.ephemeral = parts.ephemeral;
    this.audience = parts.audience;
    this.questions = parts.questions;
    this.questions.threadId = this.id;
    this.#engineThread = parts.engineThread;
    this.#now = parts.now;
    this.#onRateLimits = parts.onRateLimits;
    this.queue = new QueueRunner(this, parts.queues, parts.lastTurn);
    this.#follow(parts.engineThread);
  }

  get engine(): EngineThread {
    return this.#engineThread;
  }

  get runningTurnId(): string | null {
    return this.#running?.id ?? null;
  }

  get status(): ThreadStatus {
    return this.#running === null ? { type: "idle" } : { type: "active", activeFlags: this.#flags };
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /** Keeps events back until the returned function is called, so that an answer can go out before them. */
  hold(): () => void {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#gate = Promise.all([this.#gate, held]).then(() => undefined);
    return release;
  }

  /** How many events it had so far, told or about to be. */
  get events(): number {
    return this.#earlier + (this.#reader?.published ?? 0);
  }

  /** `knows` counts the events that the client has read of it. */
  join(connection: Connection, knows: number): void {
    if (this.audience.has(connection)) return;
    this.audience.add(connection, knows);
    this.questions.joined(connection);
    if (connection.client?.capabilities?.experimentalApi === true) this.queue.run();
  }

  leave(connection: Connection): boolean {
    if (!this.audience.remove(connection)) return false;
    this.questions.left();
    return true;
  }

  /**
   * Other settings, at once or as soon as the running turn has ended; changes keep their order. Rejects as the engine
   * does, and then nothing has changed.
   */
  change(overrides: TurnOverrides): Promise<void> {
    return this.#betweenTurns((engine) => engine.change(overrides));
  }

  /** Lets the MCP servers follow the configuration, as `change` does with settings. */
  reloadMcpServers(): Promise<void> {
    return this.#betweenTurns((engine) => engine.reloadMcpServers());
  }

  #betweenTurns(work: (engine: EngineThread) => Promise<void>): Promise<void> {
    const before = this.#running === null ? this.#settled : Promise.all([this.#settled, this.#running.done]);
    const applied = before.then(() => {
      if (this.#closing !== null) throw new CodedError("usage_invalid", `thread ${this.id} is closed`);
      return work(this.#engineThread);
    });
    this.#settled = applied.catch(() => undefined);
    return applied;
  }

  /** Begins a turn of whatever kind, when no change of settings is waiting, and follows it. */
  async begin(start: (engine: EngineThread) => Promise<RunningTurn> | RunningTurn): Promise<RunningTurn> {
    await this.#settled;
    const running = await start(this.#engineThread);
    this.#running = running;
    this.#begun = running;
    this.questions.turnId = running.id;
    void running.done.then(() => {
      if (this.#running === running) this.#running = null;
    });
    return running;
  }

  /** The turn that runs now. Fails with `usage_invalid` when it is not the expected one. */
  expectRunning(turnId: string, purpose: string): RunningTurn {
    if (this.#running === null) throw new CodedError("usage_invalid", `no active turn to ${purpose}`);
    if (this.#running.id !== turnId) {
      const message = `turn ${turnId} is not active; the active turn is ${this.#running.id}`;
      throw new CodedError("usage_invalid", message);
    }
    return this.#running;
  }

  /**
   * Begins the next turn towards the goal, where there is an active one and nothing runs; a message of the user's goes
   * first. A turn that cannot be begun pauses the goal and says why.
   */
  goOn(): void {
    const { thread } = this.#engineThread;
    if (!this.#mayGoOn()) return;
    this.begin((engine) => engine.continueGoal()).catch((thrown: unknown) => {
      const { code, message } = errorInfoOf(thrown);
      if (code === "thread_busy" || this.#closing !== null) return;
      thread.goals.set({ status: "paused", reason: `${code}: ${message}` });
      const text = `The goal is paused: its next turn could not begin. ${message}`;
      this.tell({ method: "warning", params: { threadId: this.id, message: text, code } });
    });
  }

  #mayGoOn(): boolean {
    if (this.#closing !== null || this.#running !== null) return false;
    const { thread } = this.#engineThread;
    return thread.goals.isActive && this.#engineThread.settings().mode === "default";
  }

  setFlags(flags: ActiveFlag[]): void {
    const changed = flags.length !== this.#flags.length || flags.some((flag) => !this.#flags.includes(flag));
    this.#flags = flags;
    if (!changed || this.#running === null) return;
    this.tell({ method: "thread/status/changed", params: { threadId: this.id, status: this.status } });
  }

  tellSettings(): void {
    this.tell(settingsUpdated(this.id, this.#engineThread.settings()));
  }

  tell(notification: ServerNotification): void {
    this.audience.tell(notification);
  }

  /** Goes on with the same thread, opened anew, after its log was changed. */
  replace(engineThread: EngineThread): void {
    this.#engineThread = engineThread;
    this.#follow(engineThread);
  }

  /** Ends the turn and gives the log up. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.queue.close();
    this.questions.close();
    await this.#engineThread.close();
  }

  /** The user's messages go first, also those that clients send when they hear of the end. */
  async #turnEnded(turn: Turn): Promise<void> {
    await this.queue.turnEnded(turn);
    setImmediate(() => this.goOn());
  }

  #follow(engineThread: EngineThread): void {
    this.#earlier = this.events;
    const reader = engineThread.thread.subscribe({ capacity: READER_CAPACITY });
    this.#reader = reader;
    // Ends with the thread; what goes wrong in it would be a fault of ours and must be seen.
    void this.#pump(reader, this.#earlier);
  }

  async #pump(reader: EventReader, earlier: number): Promise<void> {
    const view = new EventView(this.#now);
    for await (const event of reader) {
      const number = earlier + reader.published - reader.waiting;
      await this.#gate;
      const ended = event.method === "turn/completed" ? this.#begun : null;
      if (event.method === "turn/completed") {
        this.#running = null;
        this.#flags = [];
      }
      for (const notification of view.notificationsFor(event)) this.audience.tell(notification, number);
      if (event.method === "thread/rateLimits/updated") this.#onRateLimits(event.params.limits);
      // Told first: the next turn must not come before the clients know that this one is over.
      void ended?.done.then((turn) => this.#turnEnded(turn));
    }
  }
}
