import type { Client } from "@quire/client";
import type { Cost, TokenUsage } from "@quire/protocol";
import type { ServerNotification, WireItem } from "@quire/protocol/app-server";
import type { EngineConnection, ThreadParticipant } from "./engine-connection.ts";
import { QuireError, quireErrorOf } from "./errors.ts";
import { EventQueue } from "./event-queue.ts";
import type { RunEvent } from "./events.ts";
import { type Input, wireInput } from "./input.ts";
import type { RunOptions, ThreadOptions } from "./options.ts";
import { resumeParams, startParams } from "./thread-params.ts";
import { followTurn } from "./turn-run.ts";

/** A finished run. */
export interface RunResult {
  items: WireItem[];
  /** The text of the last answer. */
  finalResponse: string;
  /** Of this run. */
  usage: TokenUsage | null;
  /** Of this run; a model without a known price costs an unknown amount, not nothing. */
  cost: Cost | null;
}

export interface StreamedRun {
  events: AsyncGenerator<RunEvent, void>;
}

/** A conversation with the agent. One run at a time; a second one fails with `thread_busy`. */
export class Thread {
  readonly #connection: EngineConnection;
  readonly #participant: ThreadParticipant;
  #id: string | null;
  #queue: EventQueue<ServerNotification> = new EventQueue();

  /** Get threads from `Quire`. @internal */
  constructor(connection: EngineConnection, options: ThreadOptions, id: string | null) {
    this.#connection = connection;
    this.#id = id;
    this.#participant = { options, notified: (notification) => this.#queue.push(notification) };
  }

  /** Null until the first run has begun. */
  get id(): string | null {
    return this.#id;
  }

  /** Works on the input until the agent yields. Rejects when the turn fails; see the error types. */
  async run(input: Input, options: RunOptions = {}): Promise<RunResult> {
    const result: RunResult = { items: [], finalResponse: "", usage: null, cost: null };
    for await (const event of this.#events(input, options)) {
      if (event.type === "item.completed") {
        result.items.push(event.item);
        if (event.item.type === "agentMessage") result.finalResponse = event.item.text;
      }
      if (event.type === "turn.completed") {
        result.usage = event.usage;
        result.cost = event.cost;
      }
    }
    return result;
  }

  /**
   * The same with events as they come. A failed turn yields `turn.failed` and then throws. Leaving the loop early
   * interrupts the turn.
   */
  runStreamed(input: Input, options: RunOptions = {}): Promise<StreamedRun> {
    return Promise.resolve({ events: this.#events(input, options) });
  }

  async *#events(input: Input, options: RunOptions): AsyncGenerator<RunEvent, void> {
    const lease = await this.#connection.lease();
    const { client } = lease;
    const queue = new EventQueue<ServerNotification>();
    this.#queue = queue;
    void client.closed.then((reason) => queue.fail(lostEngine(reason)));
    try {
      const threadId = await this.#open(client);
      yield { type: "thread.started", threadId };
      const started = await client.request("turn/start", {
        threadId,
        input: wireInput(input),
        ...(options.outputSchema === undefined ? {} : { outputSchema: { ...options.outputSchema } }),
      });
      const costBefore = this.#connection.costOf(threadId);
      yield* followTurn({ client, queue, threadId, turnId: started.turn.id, options, costBefore });
    } catch (thrown) {
      throw quireErrorOf(thrown);
    } finally {
      lease.release();
    }
  }

  async #open(client: Client): Promise<string> {
    const { options } = this.#participant;
    if (this.#id !== null && this.#connection.has(this.#id, this.#participant)) return this.#id;
    const { thread } =
      this.#id === null
        ? await client.request("thread/start", startParams(options))
        : await client.request("thread/resume", resumeParams(this.#id, options));
    this.#id = thread.id;
    this.#connection.join(thread.id, this.#participant);
    return thread.id;
  }
}

function lostEngine(reason: string | null): QuireError {
  return new QuireError(
    "engine_lost",
    `the engine ended in the middle of a run${reason === null ? "" : `: ${reason}`}`,
  );
}
