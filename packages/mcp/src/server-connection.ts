import type { Client } from "@modelcontextprotocol/client";
import { callFailure, failed } from "./call-failure.ts";
import { CallResultSchema, type McpCallOutcome } from "./call-outcome.ts";
import { type ConnectDeps, type Connection, connect, messageOf } from "./connect.ts";
import {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type McpServerOptions,
} from "./server-options.ts";
import { type McpTool, readTools } from "./tool-list.ts";

/** A server that keeps dying is given up. */
const MAX_RESTARTS = 3;

/** What a server is doing. `ended`: it ran, and a call starts it again. */
export type McpServerState =
  | { readonly kind: "disabled" }
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly malformedTools: number }
  | { readonly kind: "ended"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

export interface McpProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface McpCallOptions {
  readonly signal: AbortSignal;
  /** Default: the server's configured time for a call. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: McpProgress) => void;
}

/** One server from its start to its end, restarts included. */
export class ServerConnection {
  readonly options: McpServerOptions;
  readonly #deps: ConnectDeps;
  readonly #closed = new AbortController();
  #state: McpServerState = { kind: "starting" };
  #connection: Connection | null = null;
  #starting: Promise<void> | null = null;
  #tools: readonly McpTool[] = [];
  #toolsChanged = false;
  #restarts = 0;

  constructor(options: McpServerOptions, deps: ConnectDeps) {
    this.options = options;
    this.#deps = deps;
    if (!options.enabled) this.#state = { kind: "disabled" };
  }

  get state(): McpServerState {
    return this.#state;
  }

  /** Of a server that runs, or that ended and would be started again by a call. */
  get tools(): readonly McpTool[] {
    return this.#state.kind === "ready" || this.#state.kind === "ended" ? this.#tools : [];
  }

  /** Starts the server, or waits for its start; resolves however that ends. */
  start(): Promise<void> {
    if (this.#state.kind === "disabled" || this.#closed.signal.aborted) return Promise.resolve();
    this.#starting ??= this.#start()
      .catch((thrown: unknown) => {
        this.#state = { kind: "failed", message: thrown instanceof Error ? thrown.message : String(thrown) };
      })
      .finally(() => {
        this.#starting = null;
      });
    return this.#starting;
  }

  /**
   * Waits for a start, starts a required server that failed anew, and reads tools that changed again. Resolves however
   * that ends.
   */
  async refresh(): Promise<void> {
    const client = this.#connection?.client;
    if (this.#starting !== null) return this.#starting;
    // Without it no turn can begin, so each turn is worth a try.
    if (this.#state.kind === "failed" && this.options.required) return this.start();
    if (!this.#toolsChanged || client === undefined) return;
    this.#toolsChanged = false;
    try {
      await this.#readTools(
        client,
        AbortSignal.any([this.#closed.signal, AbortSignal.timeout(this.#startupMs)]),
      );
    } catch {
      // The list as it was stays; a call of a tool that is gone is answered by the server.
      this.#toolsChanged = true;
    }
  }

  async call(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: McpCallOptions,
  ): Promise<McpCallOutcome> {
    const { id } = this.options;
    if (this.#state.kind === "ended") await this.start();
    const connection = this.#connection;
    if (this.#state.kind !== "ready" || connection === null) {
      return failed("not_ready", `The MCP server ${id} is not ready: ${describeState(this.#state)}.`);
    }
    const timeout = options.timeoutMs ?? this.options.toolTimeoutMs ?? DEFAULT_TOOL_TIMEOUT_MS;
    try {
      const result = await connection.client.request(
        { method: "tools/call", params: { name: tool, arguments: { ...args } } },
        CallResultSchema,
        {
          signal: options.signal,
          timeout,
          ...(options.onProgress ? { onprogress: options.onProgress } : {}),
        },
      );
      const { content = [], structuredContent, isError = false } = result;
      return { kind: "result", content, structuredContent, isError };
    } catch (thrown) {
      return callFailure(thrown, { server: id, tool, timeout, signal: options.signal, connection });
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#starting;
    await this.#connection?.close();
    this.#connection = null;
  }

  get #startupMs(): number {
    return this.options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS;
  }

  async #start(): Promise<void> {
    if (this.#state.kind === "ended") {
      this.#restarts += 1;
      await this.#connection?.close();
    }
    this.#state = { kind: "starting" };
    const late = AbortSignal.timeout(this.#startupMs);
    const signal = AbortSignal.any([this.#closed.signal, late]);
    const outcome = await connect(this.options, this.#deps, {
      signal,
      onEnd: (connection) => this.#ended(connection),
      onToolsChanged: () => {
        this.#toolsChanged = true;
      },
    });
    if (outcome.kind === "failed") {
      this.#fail(late.aborted, outcome.message);
      return;
    }
    this.#connection = outcome.connection;
    try {
      const malformedTools = await this.#readTools(outcome.connection.client, signal);
      const ended = outcome.connection.reason();
      if (ended !== null) throw new Error(ended);
      this.#state = { kind: "ready", malformedTools };
    } catch (thrown) {
      const reason = messageOf(thrown, outcome.connection, signal);
      const message = `its tools could not be listed: ${reason}${outcome.connection.diagnostics()}`;
      await outcome.connection.close();
      this.#fail(late.aborted, message);
    }
  }

  #fail(late: boolean, message: string): void {
    const waited = `it was not ready after ${this.#startupMs / 1000} s; ${message}`;
    this.#state = { kind: "failed", message: late ? waited : message };
  }

  #ended(connection: Connection): void {
    if (connection !== this.#connection || this.#state.kind !== "ready") return;
    const message = `${connection.reason() ?? "its connection ended"}${connection.diagnostics()}`;
    this.#state = { kind: this.#restarts < MAX_RESTARTS ? "ended" : "failed", message };
  }

  async #readTools(client: Client, signal: AbortSignal): Promise<number> {
    const read = await readTools(client, this.options, { signal, timeoutMs: this.#startupMs });
    this.#tools = read.tools;
    return read.malformed;
  }
}

function describeState(state: McpServerState): string {
  switch (state.kind) {
    case "failed":
    case "ended":
      return state.message;
    case "disabled":
      return "it is disabled";
    default:
      return "it is still starting";
  }
}
