import {
  type ErrorFrame,
  type Frame,
  type InitializeParams,
  type NotificationParams,
  type RequestFrame,
  type RequestId,
  type ResultFrame,
  type RpcErrorObject,
  readFrame,
  type ServerNotificationMethod,
} from "@quire/protocol/app-server";
import type { Channel, ChannelListener } from "./channel.ts";
import { type OutputLimits, OutputQueue } from "./output-queue.ts";
import { RpcError, rpcErrorOf } from "./rpc-error.ts";
import { isOurItem } from "./wire/our-items.ts";

/** One request as its handler sees it. */
export interface Call {
  readonly connection: Connection;
  /** Aborts when the client cancels the request or goes away. */
  readonly signal: AbortSignal;
  /** Runs once the answer is on its way, for notifications that must come behind it. */
  afterwards(action: () => void): void;
}

/** Finds and runs the handler of a method. `concurrent` ones do not wait for the requests before them. */
export interface Dispatcher {
  run(method: string, params: unknown, call: Call): Promise<unknown>;
  isConcurrent(method: string): boolean;
}

/** What a client answered to a question of ours. */
export type ClientAnswer = { kind: "result"; result: unknown } | { kind: "error"; error: RpcErrorObject };

export interface ConnectionOptions {
  dispatcher: Dispatcher;
  limits: OutputLimits;
  /** The client answered the question with this id. */
  onAnswer: (id: RequestId, answer: ClientAnswer, from: Connection) => void;
  onClose: (connection: Connection) => void;
}

const MAX_REQUESTS_IN_FLIGHT = 256;
const DELTAS: ReadonlySet<ServerNotificationMethod> = new Set([
  "item/agentMessage/delta",
  "item/reasoning/summaryTextDelta",
  "item/commandExecution/outputDelta",
]);

/** One client: reads its frames, runs its requests in their order, and writes what it is sent. */
export class Connection implements ChannelListener {
  /** Set by `initialize`. */
  client: InitializeParams | null = null;
  readonly #channel: Channel;
  readonly #options: ConnectionOptions;
  readonly #output: OutputQueue;
  readonly #inFlight = new Map<RequestId, AbortController>();
  #queue: Promise<void> = Promise.resolve();
  #muted: ReadonlySet<string> = new Set();
  readonly #gone = new AbortController();
  #closed = false;

  constructor(channel: Channel, options: ConnectionOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#output = new OutputQueue(channel, {
      limits: options.limits,
      onHopeless: () => this.close(),
      laggedFrame: (threadId, dropped) =>
        JSON.stringify({ method: "stream/lagged", params: { threadId, dropped } }),
    });
  }

  initialize(client: InitializeParams): void {
    this.client = client;
    this.#muted = new Set(client.capabilities?.optOutNotificationMethods ?? []);
  }

  /** Aborts when the client goes away, for work that outlives its request. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  get knowsOurItems(): boolean {
    return this.client?.capabilities?.quireItems === true;
  }

  notify<M extends ServerNotificationMethod>(method: M, params: NotificationParams<M>): void {
    if (this.client === null || this.#muted.has(method)) return;
    if (!this.knowsOurItems && "item" in params && isOurItem(params.item)) return;
    const threadId = "threadId" in params && typeof params.threadId === "string" ? params.threadId : null;
    this.#send({ method, params }, { droppable: DELTAS.has(method), threadId });
  }

  /** Null while the client keeps up with what it is sent, else resolves when it does again or is gone. */
  room(): Promise<void> | null {
    return this.#output.room();
  }

  /** Asks the client; the answer comes by `onAnswer`. */
  ask(id: RequestId, method: string, params: unknown): void {
    this.#send({ method, id, params });
  }

  frame(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The client is told; the next line may be better.
      this.#refuse(null, new RpcError("parseError", "frame_not_json", "This line is not JSON."));
      return;
    }
    this.value(value);
  }

  value(value: unknown): void {
    const frame = readFrame(value);
    if (frame === null) {
      const message = "This is neither a request, a notification nor an answer.";
      this.#refuse(null, new RpcError("invalidRequest", "frame_invalid", message));
      return;
    }
    this.#handle(frame);
  }

  oversized(limitBytes: number): void {
    const message = `A frame was longer than ${limitBytes} bytes and was thrown away.`;
    this.#refuse(null, new RpcError("invalidRequest", "frame_too_long", message));
  }

  drained(): void {
    this.#output.drained();
  }

  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#output.end();
    this.#gone.abort();
    for (const controller of this.#inFlight.values()) controller.abort();
    this.#options.onClose(this);
  }

  close(): void {
    this.#channel.close();
    this.closed();
  }

  /** Resolves when the requests so far are answered. */
  get settled(): Promise<void> {
    return this.#queue;
  }

  #handle(frame: Frame): void {
    switch (frame.kind) {
      case "request":
        this.#accept(frame);
        return;
      case "notification":
        if (frame.method === "$/cancelRequest") this.#cancel(frame.params);
        return;
      case "result":
      case "error":
        this.#answered(frame);
        return;
    }
  }

  #answered(frame: ResultFrame | ErrorFrame): void {
    if (frame.id === null) return;
    const answer: ClientAnswer =
      frame.kind === "result"
        ? { kind: "result", result: frame.result }
        : { kind: "error", error: frame.error };
    this.#options.onAnswer(frame.id, answer, this);
  }

  #cancel(params: unknown): void {
    if (typeof params !== "object" || params === null || !("id" in params)) return;
    if (typeof params.id === "string" || typeof params.id === "number") {
      this.#inFlight.get(params.id)?.abort();
    }
  }

  #accept(frame: RequestFrame): void {
    if (this.#inFlight.has(frame.id)) {
      this.#refuse(frame.id, new RpcError("invalidRequest", "id_in_use", "This id is being worked on."));
      return;
    }
    if (this.#inFlight.size >= MAX_REQUESTS_IN_FLIGHT) {
      const message = `More than ${MAX_REQUESTS_IN_FLIGHT} requests are waiting; send fewer at once.`;
      this.#refuse(frame.id, new RpcError("overloaded", "too_many_requests", message));
      return;
    }
    const controller = new AbortController();
    this.#inFlight.set(frame.id, controller);
    const work = () => this.#run(frame, controller.signal);
    if (this.#options.dispatcher.isConcurrent(frame.method)) void work();
    else this.#queue = this.#queue.then(work);
  }

  /** Never rejects: whatever goes wrong is the answer. */
  async #run(frame: RequestFrame, signal: AbortSignal): Promise<void> {
    const behind: (() => void)[] = [];
    const call: Call = {
      connection: this,
      signal,
      afterwards: (action) => {
        behind.push(action);
      },
    };
    try {
      const result = await this.#options.dispatcher.run(frame.method, frame.params, call);
      this.#send({ id: frame.id, result });
    } catch (thrown) {
      this.#refuse(frame.id, thrown);
    } finally {
      this.#inFlight.delete(frame.id);
      for (const action of behind) action();
    }
  }

  #refuse(id: RequestId | null, thrown: unknown): void {
    this.#send({ id, error: rpcErrorOf(thrown) });
  }

  #send(value: object, as: { droppable: boolean; threadId: string | null } = WHOLE): void {
    if (this.#closed) return;
    if (this.#channel.sendValue) this.#channel.sendValue(value);
    else this.#output.push({ text: JSON.stringify(value), ...as });
  }
}

const WHOLE = { droppable: false, threadId: null };
