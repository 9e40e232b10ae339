import { createHash } from "node:crypto";
import type { QueuedMessage, RunningTurn } from "@quire/core";
import { CodedError, errorInfoOf, type Turn } from "@quire/protocol";
import type { ThreadQueues } from "../engine.ts";
import type { LoadedThread } from "./loaded-thread.ts";

/** What the runner needs of its thread. */
type QueueThread = Pick<
  LoadedThread,
  "id" | "ephemeral" | "runningTurnId" | "isClosing" | "engine" | "hold" | "begin" | "tell"
>;

/** How the last turn of a thread ended; null when it has none. */
export type LastTurn = () => Promise<Turn["status"] | null>;

/**
 * Begins a turn with the next message of the queue whenever the thread has nothing to do. After a turn that was interrupted
 * or failed the queue waits, or its messages would run into the same wall one after the other: until a turn has completed
 * again, or one is begun with `start`. This holds for a thread that is opened again, too. What other processes put into the
 * queue counts as what clients put there.
 */
export class QueueRunner {
  readonly #thread: QueueThread;
  readonly #queues: ThreadQueues;
  readonly #lastTurn: LastTurn;
  /** Null until it is known how the last turn ended. */
  #paused: boolean | null = null;
  #starts: Promise<unknown> = Promise.resolve();
  #starting: string | null = null;
  #stopWatch: (() => void) | null = null;
  #told = fingerprint([]);

  constructor(thread: QueueThread, queues: ThreadQueues, lastTurn: LastTurn) {
    this.#thread = thread;
    this.#queues = queues;
    this.#lastTurn = lastTurn;
  }

  /** From now on messages begin by themselves; the first one at once if the thread is idle. */
  run(): void {
    if (this.#thread.ephemeral || this.#thread.isClosing) return;
    if (this.#stopWatch === null) {
      this.#told = fingerprint(this.#readable() ?? []);
      this.#stopWatch = this.#queues.watch(this.#thread.id, () => this.#noticed());
    }
    void this.#next();
  }

  /** Begins nothing more by itself. May be called twice. */
  close(): void {
    this.#stopWatch?.();
    this.#stopWatch = null;
  }

  /** Whether the message is becoming a turn just now. */
  isStarting(messageId: string): boolean {
    return this.#starting === messageId;
  }

  /** Resolves when the next message, if there is one, has begun its turn. */
  async turnEnded({ status }: Turn): Promise<void> {
    this.#paused = status !== "completed";
    await this.#next();
  }

  /**
   * Begins a turn with the message of this id, or with the first one. Fails with `thread_busy` while a turn runs and with
   * `usage_invalid` when there is no such message; the queue is then as it was.
   */
  start(messageId: string | null): Promise<RunningTurn> {
    const started = this.#starts.then(() => this.#start(messageId));
    this.#starts = started.catch(() => undefined);
    return started;
  }

  async #start(messageId: string | null): Promise<RunningTurn> {
    const { id, runningTurnId } = this.#thread;
    if (runningTurnId !== null) throw new CodedError("thread_busy", `thread ${id} has an active turn`);
    const message = this.#pick(messageId);
    this.#starting = message.id;
    const release = this.#thread.hold();
    try {
      await this.#queues.change(id, (all) => all.map((each) => marked(each, message.id, true)));
      const running = await this.#begin(message);
      await this.#queues.change(id, (all) => all.filter((each) => each.id !== message.id));
      this.#paused = false;
      return running;
    } finally {
      this.#starting = null;
      release();
      // Behind the beginning of the turn: who reads the queue then and misses the message knows where it is.
      setImmediate(() => this.tellChanged());
    }
  }

  async #begin({ id: messageId, input, clientId }: QueuedMessage): Promise<RunningTurn> {
    const { id } = this.#thread;
    try {
      return await this.#thread.begin((engine) => engine.startTurn(input, { clientId }));
    } catch (thrown) {
      await this.#queues.change(id, (all) => all.map((each) => marked(each, messageId, false)));
      throw thrown;
    }
  }

  #pick(messageId: string | null): QueuedMessage {
    const messages = this.#queues.read(this.#thread.id);
    const message = messageId === null ? messages[0] : messages.find(({ id }) => id === messageId);
    if (message !== undefined) return message;
    const missing = messageId === null ? "queue is empty" : `queued submission not found: ${messageId}`;
    throw new CodedError("usage_invalid", missing);
  }

  /** Tells the clients, once for every change that they could see. */
  tellChanged(): void {
    const { id: threadId, isClosing } = this.#thread;
    if (isClosing) return;
    const now = fingerprint(this.#readable() ?? []);
    if (now === this.#told && this.#stopWatch !== null) return;
    this.#told = now;
    this.#thread.tell({ method: "thread/queue/changed", params: { threadId } });
  }

  #noticed(): void {
    // What cannot be read may be half written; the rest of it is noticed, too.
    if (this.#thread.isClosing || this.#starting !== null || this.#readable() === null) return;
    this.tellChanged();
    void this.#next();
  }

  /** Null for a queue that cannot be understood: who asks for it is told so. */
  #readable(): readonly QueuedMessage[] | null {
    try {
      return this.#queues.read(this.#thread.id);
    } catch {
      return null;
    }
  }

  /** Never rejects: what goes wrong stops the queue and is told. */
  async #next(): Promise<void> {
    try {
      if (!this.#mayStart() || this.#queues.read(this.#thread.id).length === 0) return;
      await this.#starts;
      this.#paused ??= !(await this.#endedWell());
      // Another start may have come first.
      if (!this.#mayStart()) return;
      const [first] = this.#queues.read(this.#thread.id);
      if (first === undefined) return;
      if (first.starting) this.#stop(unknownStart(first));
      else await this.start(first.id);
    } catch (thrown) {
      // Somebody was quicker with a turn; its end will bring the queue on.
      if (errorInfoOf(thrown).code !== "thread_busy") this.#stop(thrown);
    }
  }

  async #endedWell(): Promise<boolean> {
    if (this.#thread.engine.unfinished) return false;
    const status = await this.#lastTurn();
    return status === null || status === "completed";
  }

  #mayStart(): boolean {
    const { isClosing, runningTurnId } = this.#thread;
    return this.#stopWatch !== null && this.#paused !== true && !isClosing && runningTurnId === null;
  }

  #stop(thrown: unknown): void {
    this.#paused = true;
    const { id: threadId, isClosing } = this.#thread;
    if (isClosing) return;
    const { code, message } = errorInfoOf(thrown);
    this.#thread.tell({
      method: "warning",
      params: { threadId, message: `The message queue waits: ${message}`, code },
    });
  }
}

function marked(message: QueuedMessage, id: string, starting: boolean): QueuedMessage {
  if (message.id !== id) return message;
  const { starting: _before, ...rest } = message;
  return starting ? { ...rest, starting } : rest;
}

/** What clients can see of a queue. */
function fingerprint(messages: readonly QueuedMessage[]): string {
  const seen = messages.map(({ starting: _hidden, ...message }) => message);
  return createHash("sha256").update(JSON.stringify(seen)).digest("base64");
}

function unknownStart({ clientId }: QueuedMessage): CodedError {
  return new CodedError(
    "outcome_unknown",
    `its process ended while it began with message ${clientId}, and it is not begun twice`,
    { nextStep: "Look whether the thread has it; then delete it or begin it with thread/queue/start." },
  );
}
