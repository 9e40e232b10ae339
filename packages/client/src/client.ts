import {
  CLIENT_REQUESTS,
  type ClientMethod,
  type ClientParams,
  type ClientResult,
  type InitializeParams,
  type InitializeResponse,
  type RequestFrame,
  type RequestId,
  RPC_CODES,
  readFrame,
  SERVER_NOTIFICATIONS,
  SERVER_REQUESTS,
  type ServerMethod,
  type ServerNotification,
  type ServerNotificationMethod,
  type ServerParams,
  type ServerResult,
} from "@quire/protocol/app-server";
import { ClientError, rpcFailure } from "./client-error.ts";
import type { MessageChannel } from "./message-channel.ts";
import { parseWithNewerItems } from "./newer-items.ts";

export type NotificationListener = (notification: ServerNotification) => void;

/** Of one question of the server. */
export interface QuestionContext {
  /** Aborted when the question is settled without this client, or the connection ends: the answer is not sent then. */
  readonly signal: AbortSignal;
}

/** Answers a question of the server. Throwing tells the server that this client cannot answer. */
export type RequestHandler<M extends ServerMethod> = (
  params: ServerParams<M>,
  context: QuestionContext,
) => Promise<ServerResult<M>> | ServerResult<M>;

export interface RequestOptions {
  /** Cancels the request on the server as well. */
  signal?: AbortSignal;
}

/** One connection to an app-server. There is no reconnecting: a new connection is a new client. */
export interface Client {
  initialize(params: InitializeParams): Promise<InitializeResponse>;
  /** Fails with `ClientError`. */
  request<M extends ClientMethod>(
    method: M,
    params: ClientParams<M>,
    options?: RequestOptions,
  ): Promise<ClientResult<M>>;
  /** Sees every notification in order; returns the function that ends it. */
  onNotification(listener: NotificationListener): () => void;
  /** One handler a method; without one the server is told that this client cannot answer. */
  onRequest<M extends ServerMethod>(method: M, handler: RequestHandler<M>): void;
  /** Resolves when the connection has ended, with the reason where one is known. */
  readonly closed: Promise<string | null>;
  /** Pending requests fail with `connection_closed`. May be called twice. */
  close(): void;
}

export interface ClientOptions {
  /** Frames that this client does not understand; a newer server may send some. */
  onUnknown?: (frame: unknown) => void;
}

export function createClient(channel: MessageChannel, options: ClientOptions = {}): Client {
  return new ChannelClient(channel, options);
}

interface Pending {
  method: ClientMethod;
  resolve: (result: unknown) => void;
  reject: (error: ClientError) => void;
}

class ChannelClient implements Client {
  readonly closed: Promise<string | null>;
  readonly #channel: MessageChannel;
  readonly #options: ClientOptions;
  /** The other end is in this process: what it says was made by code of this version and is taken as it is. */
  readonly #isLocal: boolean;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #listeners = new Set<NotificationListener>();
  readonly #handlers = new Map<
    ServerMethod,
    (params: unknown, context: QuestionContext) => Promise<unknown>
  >();
  /** Questions of the server that are being answered. */
  readonly #questions = new Map<RequestId, AbortController>();
  #lastId = 0;
  #ended: { reason: string | null } | null = null;
  #resolveClosed: (reason: string | null) => void = () => undefined;

  constructor(channel: MessageChannel, options: ClientOptions) {
    this.#channel = channel;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#isLocal = channel.sendValue !== undefined;
    channel.listen({
      frame: (text) => this.#receiveText(text),
      value: (frame) => this.#receive(frame),
      closed: (reason) => this.#end(reason),
    });
  }

  async initialize(params: InitializeParams): Promise<InitializeResponse> {
    const result = await this.request("initialize", params);
    this.#send({ method: "initialized" });
    return result;
  }

  request<M extends ClientMethod>(
    method: M,
    params: ClientParams<M>,
    { signal }: RequestOptions = {},
  ): Promise<ClientResult<M>> {
    if (this.#ended) return Promise.reject(this.#gone(method));
    if (signal?.aborted) return Promise.reject(cancelled(method));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.#pending.delete(id);
        this.#send({ method: "$/cancelRequest", params: { id } });
        reject(cancelled(method));
      };
      const settled = () => signal?.removeEventListener("abort", cancel);
      signal?.addEventListener("abort", cancel, { once: true });
      this.#pending.set(id, {
        method,
        resolve: (result) => {
          settled();
          // Parsed by the schema of this very method; the table's type does not carry that through the index.
          resolve(result as ClientResult<M>);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.#send({ id, method, params });
    });
  }

  onNotification(listener: NotificationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onRequest<M extends ServerMethod>(method: M, handler: RequestHandler<M>): void {
    this.#handlers.set(method, async (params, context) => {
      const parsed = SERVER_REQUESTS[method].params.safeParse(params);
      if (!parsed.success)
        throw new ClientError("params_invalid", `The parameters of ${method} are not understood.`);
      // As above: parsed by the schema of this very method.
      return handler(parsed.data as ServerParams<M>, context);
    });
  }

  close(): void {
    this.#channel.close();
    this.#end(null);
  }

  #receiveText(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not JSON, which no server of ours sends: it is shown to whoever wants to know.
      value = text;
    }
    this.#receive(value);
  }

  #receive(value: unknown): void {
    const frame = readFrame(value);
    if (frame === null) {
      this.#options.onUnknown?.(value);
      return;
    }
    switch (frame.kind) {
      case "notification":
        this.#notified(frame.method, frame.params);
        return;
      case "request":
        void this.#answer(frame);
        return;
      case "result":
        this.#resolved(frame.id, frame.result);
        return;
      case "error":
        if (frame.id === null) this.#options.onUnknown?.(frame.error);
        else this.#take(frame.id)?.reject(rpcFailure(frame.error));
    }
  }

  #resolved(id: RequestId, result: unknown): void {
    const pending = this.#take(id);
    if (!pending) return;
    if (this.#isLocal) {
      pending.resolve(result);
      return;
    }
    const parsed = parseWithNewerItems(CLIENT_REQUESTS[pending.method].result, result);
    if (parsed.success) pending.resolve(parsed.data);
    else {
      const message = `The server's answer to ${pending.method} has a shape that this client does not know.`;
      pending.reject(new ClientError("answer_not_understood", message));
    }
  }

  #take(id: RequestId): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #notified(method: string, params: unknown): void {
    if (!isNotificationMethod(method)) {
      this.#options.onUnknown?.({ method, params });
      return;
    }
    const parsed = this.#isLocal
      ? { success: true, data: params }
      : parseWithNewerItems(SERVER_NOTIFICATIONS[method], params);
    if (!parsed.success) {
      this.#options.onUnknown?.({ method, params });
      return;
    }
    const notification = notificationOf(method, parsed.data);
    if (notification.method === "serverRequest/resolved") {
      this.#questions.get(notification.params.requestId)?.abort();
    }
    for (const listener of [...this.#listeners]) listener(notification);
  }

  async #answer({ id, method, params }: RequestFrame): Promise<void> {
    const handler = isServerMethod(method) ? this.#handlers.get(method) : undefined;
    if (!handler) {
      this.#sendError(id, RPC_CODES.methodNotFound, `This client does not answer ${method}.`);
      return;
    }
    // A server repeats an open question to a client that joins its thread again; nobody is asked twice.
    if (this.#questions.has(id)) return;
    const question = new AbortController();
    this.#questions.set(id, question);
    const { signal } = question;
    try {
      const result = await handler(params, { signal });
      if (!this.#ended && !signal.aborted) this.#send({ id, result });
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      if (!signal.aborted) this.#sendError(id, RPC_CODES.internalError, message);
    } finally {
      this.#questions.delete(id);
    }
  }

  #send(frame: object): void {
    if (this.#channel.sendValue) this.#channel.sendValue(frame);
    else this.#channel.send(JSON.stringify(frame));
  }

  #sendError(id: RequestId, code: number, message: string): void {
    if (!this.#ended) this.#send({ id, error: { code, message } });
  }

  #end(reason: string | null): void {
    if (this.#ended) return;
    this.#ended = { reason };
    for (const { method, reject } of this.#pending.values()) reject(this.#gone(method));
    this.#pending.clear();
    for (const question of this.#questions.values()) question.abort();
    this.#resolveClosed(reason);
  }

  #gone(method: string): ClientError {
    const why = this.#ended?.reason ? `: ${this.#ended.reason}` : "";
    return new ClientError("connection_closed", `The connection ended before ${method} was answered${why}`);
  }
}

function cancelled(method: string): ClientError {
  return new ClientError("request_cancelled", `${method} was cancelled`);
}

function isNotificationMethod(method: string): method is ServerNotificationMethod {
  return Object.hasOwn(SERVER_NOTIFICATIONS, method);
}

function isServerMethod(method: string): method is ServerMethod {
  return Object.hasOwn(SERVER_REQUESTS, method);
}

function notificationOf<M extends ServerNotificationMethod>(method: M, params: unknown): ServerNotification {
  // Parsed by the schema of this very method, or made by this version's server.
  return { method, params } as ServerNotification;
}
