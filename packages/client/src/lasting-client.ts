import type {
  ClientMethod,
  ClientParams,
  ClientResult,
  InitializeParams,
  InitializeResponse,
  ServerMethod,
} from "@quire/protocol/app-server";
import {
  type Client,
  createClient,
  type NotificationListener,
  type RequestHandler,
  type RequestOptions,
} from "./client.ts";
import { ClientError } from "./client-error.ts";
import type { MessageChannel } from "./message-channel.ts";

export type ConnectionState =
  | { readonly kind: "connected" }
  /** It is tried again at `retryAt` (by the clock of the options), for the `attempt`th time. */
  | { readonly kind: "lost"; readonly reason: string; readonly attempt: number; readonly retryAt: number };

export interface LastingOptions {
  /** A new connection. A failure with the code `connection_refused` is final, every other is tried again. */
  readonly connect: (signal: AbortSignal) => Promise<MessageChannel>;
  readonly initialize: InitializeParams;
  readonly clock: {
    now(): number;
    after(ms: number, call: () => void): () => void;
  };
}

/**
 * A client that connects again when its connection ends. While there is none, requests fail with `connection_lost`. What the
 * server said in between is not repeated: whoever follows a thread resumes it in `onReconnected` and reads what is missing.
 * `closed` resolves when `close` is called, or when the server refuses to have this client back.
 */
export interface LastingClient extends Client {
  readonly state: ConnectionState;
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Called with every new connection, before it counts as connected; a failure of it is its own. Returns the function that ends it. */
  onReconnected(listener: () => Promise<void>): () => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Connects for the first time. Fails with what `connect` or `initialize` fail with. */
export async function connectLasting(options: LastingOptions): Promise<LastingClient> {
  const client = new Lasting(options);
  await client.connect();
  return client;
}

class Lasting implements LastingClient {
  readonly closed: Promise<string | null>;
  readonly #options: LastingOptions;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<NotificationListener>();
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();
  readonly #reconnected = new Set<() => Promise<void>>();
  /** Puts every handler to a new connection. */
  readonly #handlers = new Map<ServerMethod, (client: Client) => void>();
  #inner: Client | null = null;
  #isTrying = false;
  #answer: InitializeResponse | null = null;
  #state: ConnectionState = { kind: "connected" };
  #stopWaiting: () => void = () => undefined;
  #resolveClosed: (reason: string | null) => void = () => undefined;

  constructor(options: LastingOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  async connect(): Promise<void> {
    const client = createClient(await this.#options.connect(this.#ending.signal));
    if (this.#ending.signal.aborted) {
      client.close();
      throw new ClientError("connection_closed", "the connection was closed while it was being made");
    }
    client.onNotification((notification) => {
      for (const listener of [...this.#listeners]) listener(notification);
    });
    for (const put of this.#handlers.values()) put(client);
    this.#answer = await client.initialize(this.#options.initialize);
    this.#inner = client;
    void client.closed.then((reason) => this.#lost(client, reason));
  }

  /** It was initialized when it was connected. */
  initialize(): Promise<InitializeResponse> {
    return this.#answer === null ? Promise.reject(this.#away("initialize")) : Promise.resolve(this.#answer);
  }

  request<M extends ClientMethod>(
    method: M,
    params: ClientParams<M>,
    options?: RequestOptions,
  ): Promise<ClientResult<M>> {
    return this.#inner === null
      ? Promise.reject(this.#away(method))
      : this.#inner.request(method, params, options);
  }

  onNotification(listener: NotificationListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onRequest<M extends ServerMethod>(method: M, handler: RequestHandler<M>): void {
    const put = (client: Client) => client.onRequest(method, handler);
    this.#handlers.set(method, put);
    if (this.#inner !== null) put(this.#inner);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  onReconnected(listener: () => Promise<void>): () => void {
    this.#reconnected.add(listener);
    return () => this.#reconnected.delete(listener);
  }

  close(): void {
    this.#end(null);
  }

  #end(reason: string | null): void {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#stopWaiting();
    this.#inner?.close();
    this.#inner = null;
    this.#resolveClosed(reason);
  }

  #lost(client: Client, reason: string | null): void {
    if (this.#ending.signal.aborted || this.#inner !== client) return;
    this.#inner = null;
    if (!this.#isTrying) this.#waitAndTry(reason ?? "it ended", 1);
  }

  #waitAndTry(reason: string, attempt: number): void {
    const { clock } = this.#options;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    this.#tell({ kind: "lost", reason, attempt, retryAt: clock.now() + wait });
    this.#stopWaiting = clock.after(wait, () => void this.#tryAgain(attempt));
  }

  async #tryAgain(attempt: number): Promise<void> {
    this.#isTrying = true;
    const failure = await this.#reconnect();
    this.#isTrying = false;
    if (this.#ending.signal.aborted) return;
    if (failure?.code === "connection_refused") this.#end(failure.message);
    else if (failure !== null || this.#inner === null)
      this.#waitAndTry(failure?.message ?? "it ended again", attempt + 1);
    else this.#tell({ kind: "connected" });
  }

  async #reconnect(): Promise<{ code: string; message: string } | null> {
    try {
      await this.connect();
    } catch (thrown) {
      const code = thrown instanceof ClientError ? thrown.code : "connection_failed";
      return { code, message: thrown instanceof Error ? thrown.message : String(thrown) };
    }
    // What a listener cannot do is its own to tell; the connection is there all the same.
    for (const listener of [...this.#reconnected]) await listener().catch(() => undefined);
    return null;
  }

  #tell(state: ConnectionState): void {
    this.#state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  #away(method: string): ClientError {
    const why = this.#state.kind === "lost" ? `: ${this.#state.reason}` : "";
    return new ClientError(
      "connection_lost",
      `There is no connection for ${method}${why}. It is tried again.`,
    );
  }
}
