import type { QueuedMessage, RunningTurn } from "@quire/core";
import { CodedError, errorInfoOf, type Turn } from "@quire/protocol";
import type { ThreadQueues } from "../engine.ts";
import type { LoadedThread } from "./loaded-thread.ts";

/** What the runner needs of its thread. */
type QueueThread = Pick<
  LoadedThread,
  "id" | "ephemeral" | "runningTurnId" | "isClosing" | "engine" | "hold" | "begin" | "tell"
>;

/**
 * Begins a turn with the next message of the queue whenever the thread has nothing to do. After a turn that was interrupted
 * or failed the queue waits, or its messages would run into the same wall one after the other: until a turn has completed
 * again, or one is begun with `start`.
 */
export class QueueRunner {
  readonly #thread: QueueThread;
  readonly #queues: ThreadQueues;
  #runs = false;
  #paused: boolean;
  #starts: Promise<unknown> = Promise.resolve();

  constructor(thread: QueueThread, queues: ThreadQueues) {
    this.#thread = thread;
    this.#queues = queues;
    this.#paused = thread.engine.unfinished;
  }

  /** From now on messages begin by themselves; the first one at once if the thread is idle. */
  run(): void {
    this.#runs = true;
    void this.#next();
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
    await this.#queues.change(id, (all) => all.map((each) => marked(each, message.id, true)));
    const release = this.#thread.hold();
    try {
      const running = await this.#begin(message);
      await this.#queues.change(id, (all) => all.filter((each) => each.id !== message.id));
      this.#paused = false;
      this.tellChanged();
      return running;
    } finally {
      release();
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

  tellChanged(): void {
    const { id: threadId } = this.#thread;
    this.#thread.tell({ method: "thread/queue/changed", params: { threadId } });
  }

  /** Never rejects: what goes wrong stops the queue and is told. */
  async #next(): Promise<void> {
    try {
      if (!this.#mayStart() || this.#queues.read(this.#thread.id).length === 0) return;
      await this.#starts;
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

  #mayStart(): boolean {
    const { ephemeral, isClosing, runningTurnId } = this.#thread;
    return this.#runs && !this.#paused && !ephemeral && !isClosing && runningTurnId === null;
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

function unknownStart({ clientId }: QueuedMessage): CodedError {
  return new CodedError(
    "outcome_unknown",
    `its process ended while it began with message ${clientId}, and it is not begun twice`,
    { nextStep: "Look whether the thread has it; then delete it or begin it with thread/queue/start." },
  );
}
