import { EventEmitter } from "node:events";
import type { WebSocket } from "ws";
import { isFields, textIn } from "./dialects/json-fields.ts";

/** The part of a server's response that answers are written to; a WebSocket can stand in for it. */
export interface Outlet {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly headersSent: boolean;
  readonly socket: {
    destroy(): unknown;
    resetAndDestroy(): unknown;
    setNoDelay(on: boolean): unknown;
  } | null;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(data: string | Uint8Array, done?: () => void): boolean;
  end(data?: string): unknown;
  on(event: "drain" | "close", listener: () => void): unknown;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
}

const LAST_EVENTS = /^response\.(completed|incomplete|failed)$|^error$/;

/** Sends what would be server-sent events as messages, and a refusal as an error message with its status. */
export class SocketOutlet extends EventEmitter implements Outlet {
  readonly #client: WebSocket;
  #head: { status: number; headers: Readonly<Record<string, string>> } | null = null;
  #waiting = Buffer.alloc(0);
  #over = false;
  #ended = false;
  /** The response's id and output, once it is complete. */
  completed: { id: string; output: readonly unknown[] } | null = null;

  constructor(client: WebSocket) {
    super();
    this.#client = client;
    client.once("close", () => this.emit("close"));
  }

  get destroyed(): boolean {
    return this.#client.readyState !== this.#client.OPEN;
  }

  get writableEnded(): boolean {
    return this.#ended;
  }

  get headersSent(): boolean {
    return this.#head !== null;
  }

  get socket() {
    const client = this.#client;
    return {
      destroy: () => client.terminate(),
      resetAndDestroy: () => client.terminate(),
      setNoDelay: () => undefined,
    };
  }

  writeHead(status: number, headers: Readonly<Record<string, string>>): void {
    this.#head = { status, headers };
  }

  write(data: string | Uint8Array, done?: () => void): boolean {
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(data)]);
    for (let end = this.#waiting.indexOf("\n\n"); end !== -1; end = this.#waiting.indexOf("\n\n")) {
      this.#send(this.#waiting.subarray(0, end).toString("utf8"));
      this.#waiting = this.#waiting.subarray(end + 2);
    }
    // What was sent must have left before a cut closes the socket.
    if (done !== undefined) setTimeout(done, 5);
    return true;
  }

  end(data = ""): void {
    this.#ended = true;
    const { status, headers } = this.#head ?? { status: 200, headers: {} };
    if (status !== 200) this.#refuse(status, headers, data);
    else if ((headers["content-type"] ?? "").startsWith("text/html")) this.#client.send(data);
    else {
      this.write(data);
      if (!this.#over) this.#client.close();
    }
    this.emit("close");
  }

  #send(block: string): void {
    const data = block
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice("data:".length).trim())
      .join("\n");
    if (data === "") return;
    this.#client.send(data);
    if (!data.startsWith('{"type":"response.completed"') && !data.startsWith('{"type":"response.')) return;
    const event: unknown = JSON.parse(data);
    if (!isFields(event) || !LAST_EVENTS.test(textIn(event.type))) return;
    this.#over = true;
    const response = isFields(event.response) ? event.response : {};
    if (event.type !== "response.completed") return;
    this.completed = {
      id: textIn(response.id),
      output: Array.isArray(response.output) ? response.output : [],
    };
  }

  #refuse(status: number, headers: Readonly<Record<string, string>>, body: string): void {
    this.#client.send(JSON.stringify({ type: "error", status, headers, ...errorOf(body) }));
  }
}

function errorOf(body: string): object {
  try {
    const value: unknown = JSON.parse(body);
    if (isFields(value)) return { error: value.error ?? value };
  } catch {
    // Plain words and pages are a message.
  }
  return { error: { message: body } };
}
