import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { deliver } from "./delivery.ts";
import { DIALECTS } from "./dialects/all.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { responsesDialect } from "./dialects/responses.ts";
import type { RecordedRequest } from "./recorded-request.ts";
import { ResponseSockets, type SocketRequest } from "./response-sockets.ts";
import type { Outlet } from "./socket-outlet.ts";
import { type Answer, fault, type Step } from "./step.ts";

export interface ScriptOptions {
  /** Answers every request after the steps. Absent: such a request gets a 400 that says so. */
  afterwards?: Step;
  /**
   * `order`: each request takes the next step. `history`: the step is the number of tool outputs in the request, so
   * several clients can run the same script at once, and a resumed one goes on where it was.
   */
  cursor?: "order" | "history";
  /** Offers the Responses API over WebSockets too. */
  webSockets?: boolean;
  /** 0 or absent: any free port. Always on 127.0.0.1. */
  port?: number;
}

export interface ScriptedServer extends AsyncDisposable {
  /** The base URL for the provider's configuration; the wire API adds its own path. */
  readonly url: string;
  readonly port: number;
  /** Requests to a model, oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Resolves once so many requests have arrived. */
  arrived(count: number): Promise<void>;
  /** Ends every connection. May be called twice. */
  close(): Promise<void>;
}

/** A model server whose responses are a script. Speaks every wire API that there is a dialect for. */
export async function scriptedResponses(
  steps: readonly Step[],
  options: ScriptOptions = {},
): Promise<ScriptedServer> {
  const script = new Script(steps, options);
  const server = createServer((request, response) => {
    script.handle(request, response).catch((thrown: unknown) => {
      // A fault of the script itself must be seen by the test that wrote it.
      if (!response.headersSent) response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "scripted_server", message: String(thrown) } }));
    });
  });
  const sockets = new ResponseSockets((request) => script.handleSocket(request));
  if (options.webSockets)
    server.on("upgrade", (request, socket, head) => sockets.accept(request, socket, head));
  const port = await listen(server, options.port ?? 0);
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => {
    script.end();
    sockets.close();
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closed;
  };
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: script.requests,
    arrived: (count) => script.arrived(count),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("the server got no port"));
      else resolve(address.port);
    });
  });
}

class Script {
  readonly requests: RecordedRequest[] = [];
  readonly #steps: readonly Step[];
  readonly #options: ScriptOptions;
  readonly #started = performance.now();
  readonly #waiters = new Set<() => void>();
  #stopped = false;
  #taken = 0;
  #ids = 0;

  constructor(steps: readonly Step[], options: ScriptOptions) {
    this.#steps = steps;
    this.#options = options;
  }

  async arrived(count: number): Promise<void> {
    while (this.requests.length < count && !this.#stopped) {
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }

  end(): void {
    this.#stopped = true;
    this.#wakeWaiters();
  }

  #wakeWaiters(): void {
    for (const wake of this.#waiters) wake();
    this.#waiters.clear();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const atMs = performance.now() - this.#started;
    const path = (request.url ?? "").split("?")[0] ?? "";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const dialect = request.method === "POST" ? DIALECTS.find((known) => known.answers(path)) : undefined;
    if (dialect === undefined) {
      this.#other(request, path, response);
      return;
    }
    const raw = Buffer.concat(chunks);
    const body = parseBody(raw);
    const record: RecordedRequest = {
      method: "POST",
      path: request.url ?? "",
      headers: request.headers,
      raw,
      body,
      clientPort: request.socket.remotePort ?? 0,
      atMs,
      closedByClient: false,
      ...dialect.read(body),
    };
    this.requests.push(record);
    this.#wakeWaiters();
    await this.#answer(this.#stepFor(record), record, dialect, response);
  }

  async handleSocket({ upgrade, body, newItems, outlet }: SocketRequest): Promise<void> {
    const record: RecordedRequest = {
      method: "GET",
      path: upgrade.url ?? "",
      headers: upgrade.headers,
      raw: Buffer.from(JSON.stringify(body)),
      body,
      newItems,
      clientPort: upgrade.socket.remotePort ?? 0,
      atMs: performance.now() - this.#started,
      closedByClient: false,
      ...responsesDialect.read(body),
    };
    this.requests.push(record);
    this.#wakeWaiters();
    await this.#answer(this.#stepFor(record), record, responsesDialect, outlet);
  }

  #other(request: IncomingMessage, path: string, response: ServerResponse): void {
    const models = request.method === "GET" && path.endsWith("/models");
    response.writeHead(models ? 200 : 404, { "content-type": "application/json" });
    const missing = { error: { message: `no route ${request.method} ${path}` } };
    response.end(JSON.stringify(models ? { object: "list", data: [] } : missing));
  }

  #stepFor(record: RecordedRequest): Answer {
    const index = this.#options.cursor === "history" ? record.toolOutputs.length : this.#taken++;
    const step = this.#steps[index] ?? this.#options.afterwards;
    if (step === undefined) {
      const message = `The script has ${this.#steps.length} steps and none for request ${this.requests.length}.`;
      return fault({ status: 400, code: "script_over", message });
    }
    return typeof step === "function" ? step(record) : step;
  }

  async #answer(answer: Answer, record: RecordedRequest, dialect: Dialect, response: Outlet): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => {
      record.closedByClient = !response.writableEnded && !this.#stopped;
      gone.abort();
    });
    switch (answer.kind) {
      case "hangup":
        response.socket?.destroy();
        return;
      case "refused":
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
        return;
      case "raw":
        return await deliver(
          response,
          [{ text: answer.body, delta: false }],
          answer.delivery ?? {},
          gone.signal,
        );
      case "reply": {
        const blocks = dialect.write(answer, record, (prefix) => this.#nextId(prefix));
        return await deliver(response, blocks, answer.delivery ?? {}, gone.signal);
      }
    }
  }

  #nextId(prefix: string): string {
    this.#ids++;
    return `${prefix}_${String(this.#ids).padStart(6, "0")}`;
  }
}

function parseBody(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString("utf8"));
  } catch {
    // A body that is no JSON is something a test may look at; it is not this server's fault.
    return undefined;
  }
}
