import type { Client } from "@modelcontextprotocol/client";
import { startCallClock } from "./call-clock.ts";
import { callFailure, failed } from "./call-failure.ts";
import { CallResultSchema, type McpAnswer, type McpCallOutcome } from "./call-outcome.ts";
import { type ConnectDeps, type Connection, connect, messageOf } from "./connect.ts";
import { OpenCalls } from "./open-calls.ts";
import type { InventoryLimits } from "./server-inventory.ts";
import {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type McpServerOptions,
} from "./server-options.ts";
import { describeState, type McpServerFacts, type McpServerState } from "./server-state.ts";
import { type McpTool, readTools, toolDefinition } from "./tool-list.ts";

/** A server that keeps dying is given up. */
const MAX_RESTARTS = 3;

export interface McpProgress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface McpCallOptions {
  readonly signal: AbortSignal;
  /** Default: the server's configured time for a call. It stands still while the server has a person asked. */
  readonly timeoutMs?: number;
  readonly onProgress?: (progress: McpProgress) => void;
}

/** One server from its start to its end, restarts included. */
export class ServerConnection {
  readonly options: McpServerOptions;
  readonly #deps: ConnectDeps;
  readonly #closed = new AbortController();
  readonly #calls = new OpenCalls();
  #state: McpServerState = { kind: "starting" };
  #connection: Connection | null = null;
  #starting: Promise<void> | null = null;
  #tools: readonly McpTool[] = [];
  #facts: McpServerFacts | null = null;
  #toolsChanged = false;
  #restarts = 0;

  constructor(options: McpServerOptions, deps: ConnectDeps) {
    this.options = options;
    this.#deps = deps;
    if (!options.enabled) this.#state = { kind: "disabled" };
    else if (options.known !== undefined && !options.required) {
      this.#tools = options.known.tools;
      this.#facts = options.known.facts;
      this.#state = { kind: "known" };
    }
  }

  get state(): McpServerState {
    return this.#state;
  }

  /** Of a server that runs, or that a call would start. */
  get tools(): readonly McpTool[] {
    return this.#isThere ? this.#tools : [];
  }

  /** What the server said of itself; null when it never did. */
  get facts(): McpServerFacts | null {
    return this.#isThere ? this.#facts : null;
  }

  /** Starts the server, or waits for its start; resolves however that ends. */
  start(): Promise<void> {
    if (this.#state.kind === "disabled" || this.#closed.signal.aborted) return Promise.resolve();
    this.#starting ??= this.#start()
      .catch((thrown: unknown) => {
        this.#become({ kind: "failed", message: thrown instanceof Error ? thrown.message : String(thrown) });
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
    const connection = this.#connection;
    if (this.#starting !== null) return this.#starting;
    // Without it no turn can begin, so each turn is worth a try.
    if (this.#state.kind === "failed" && this.options.required) return this.start();
    if (!this.#toolsChanged || connection === null) return;
    this.#toolsChanged = false;
    try {
      const late = AbortSignal.timeout(this.#startupMs);
      await this.#readTools(connection, AbortSignal.any([this.#closed.signal, late]));
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
    const shown = this.#tools.find(({ name }) => name === tool);
    const since = this.#connection;
    await this.#wake();
    const now = this.#tools.find(({ name }) => name === tool);
    // What the model was shown, and a person may have agreed to, is called; nothing else.
    if (shown && since !== this.#connection && (!now || toolDefinition(now) !== toolDefinition(shown))) {
      const message = `${tool} was not called: the MCP server ${this.options.id} was started for it and now describes it in another way, or has it no more. Its tools as they are now come with the next turn.`;
      return failed("changed", message);
    }
    const asked = await this.ask(tool, options, async (client, { signal, timeoutMs: timeout }) => {
      const params = { name: tool, arguments: { ...args } };
      const { onProgress } = options;
      const send = () =>
        client.request({ method: "tools/call", params }, CallResultSchema, {
          signal,
          timeout,
          ...(onProgress ? { onprogress: onProgress } : {}),
        });
      const connection = this.#connection;
      try {
        return await send();
      } catch (thrown) {
        // The server did nothing yet; once, so that it cannot send people around without end.
        if (connection !== null && (await connection.overcome(thrown, signal))) return await send();
        throw thrown;
      }
    });
    if (asked.kind === "failed") return asked;
    const { content = [], structuredContent, isError = false } = asked.value;
    return { kind: "result", content, structuredContent, isError };
  }

  /** Sends a request of any kind, starting the server where that is due. Never rejects. */
  async ask<T>(
    what: string,
    options: McpCallOptions,
    send: (client: Client, limits: InventoryLimits) => Promise<T>,
  ): Promise<McpAnswer<T>> {
    const { id } = this.options;
    await this.#wake();
    const connection = this.#connection;
    if (this.#state.kind !== "ready" || connection === null) {
      return failed("not_ready", `The MCP server ${id} is not ready: ${describeState(this.#state)}.`);
    }
    const timeout = options.timeoutMs ?? this.options.toolTimeoutMs ?? DEFAULT_TOOL_TIMEOUT_MS;
    const clock = startCallClock(timeout, options.signal, this.#deps.monotonicMs);
    const done = this.#calls.add(clock);
    try {
      // The clock decides; the library's own could not stand still.
      return {
        kind: "answer",
        value: await send(connection.client, { signal: clock.signal, timeoutMs: LONG }),
      };
    } catch (thrown) {
      const { expired } = clock;
      return callFailure(thrown, {
        server: id,
        what,
        timeout,
        signal: options.signal,
        expired,
        connection,
      });
    } finally {
      done();
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#starting;
    await this.#connection?.close();
    this.#connection = null;
  }

  get #isThere(): boolean {
    const { kind } = this.#state;
    return kind === "ready" || kind === "ended" || kind === "known";
  }

  get #startupMs(): number {
    return this.options.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS;
  }

  async #wake(): Promise<void> {
    if (this.#state.kind === "ended" || this.#state.kind === "known") await this.start();
    else if (this.#starting !== null && this.options.known !== undefined) await this.#starting;
  }

  async #start(): Promise<void> {
    if (this.#state.kind === "ended") {
      this.#restarts += 1;
      await this.#connection?.close();
    }
    this.#become({ kind: "starting" });
    const late = AbortSignal.timeout(this.#startupMs);
    const signal = AbortSignal.any([this.#closed.signal, late]);
    const outcome = await connect(this.options, this.#deps, {
      signal,
      onEnd: (connection) => this.#ended(connection),
      onToolsChanged: () => {
        this.#toolsChanged = true;
      },
      calls: this.#calls,
    });
    if (outcome.kind === "failed") {
      this.#fail(late.aborted, outcome.message, outcome.needsSignIn);
      return;
    }
    this.#connection = outcome.connection;
    try {
      const malformedTools = await this.#readTools(outcome.connection, signal);
      const ended = outcome.connection.reason();
      if (ended !== null) throw new Error(ended);
      this.#become({ kind: "ready", malformedTools });
    } catch (thrown) {
      const reason = messageOf(thrown, outcome.connection, signal);
      const message = `its tools could not be listed: ${reason}${outcome.connection.diagnostics()}`;
      await outcome.connection.close();
      this.#fail(late.aborted, message);
    }
  }

  #become(state: McpServerState): void {
    this.#state = state;
    // One that is being ended is nobody's any more; another may have its id.
    if (!this.#closed.signal.aborted) this.#deps.onState?.(this.options.id, state);
  }

  #fail(late: boolean, message: string, needsSignIn = false): void {
    const waited = `it was not ready after ${this.#startupMs / 1000} s; ${message}`;
    this.#become({
      kind: "failed",
      message: late ? waited : message,
      ...(needsSignIn ? { needsSignIn } : {}),
    });
  }

  #ended(connection: Connection): void {
    if (connection !== this.#connection || this.#state.kind !== "ready") return;
    const message = `${connection.reason() ?? "its connection ended"}${connection.diagnostics()}`;
    this.#become({ kind: this.#restarts < MAX_RESTARTS ? "ended" : "failed", message });
  }

  async #readTools(connection: Connection, signal: AbortSignal): Promise<number> {
    const facts = connection.facts();
    const limits = { signal, timeoutMs: this.#startupMs };
    const none = facts.capabilities.tools === undefined;
    const read = none
      ? { tools: [], malformed: 0 }
      : await readTools(connection.client, this.options, limits);
    this.#tools = read.tools;
    this.#facts = facts;
    this.#deps.onTools?.(this.options.id, { tools: read.tools, facts });
    return read.malformed;
  }
}

/** The longest that a timer can wait. */
const LONG = 0x7fffffff;
