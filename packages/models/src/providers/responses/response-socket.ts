import type { Agent } from "node:http";
import type { ResponseItem } from "@quire/protocol";
import type { RawData, WebSocket } from "ws";
import type { ModelRequest } from "../../model-client.ts";

/** The last response of a connection, which the next one can continue. */
interface LastResponse {
  id: string;
  head: string;
  /** What was sent for it, and what came. */
  items: readonly ResponseItem[];
}

export interface SocketOptions {
  headers: Readonly<Record<string, string>>;
  handshakeTimeoutMs: number;
  agent: Agent | undefined;
}

export type OpenedSocket =
  | { kind: "open"; socket: ResponseSocket }
  /** `offered` is false when the endpoint answered, and has no WebSockets there. */
  | { kind: "failed"; offered: boolean };

const MAX_MESSAGE = 64 * 1024 * 1024;

/** Opens a connection. Never rejects. */
export async function openResponseSocket(url: URL, options: SocketOptions): Promise<OpenedSocket> {
  const { WebSocket: Client } = await import("ws");
  const address = new URL(url);
  address.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const { "content-type": _type, ...headers } = options.headers;
  const client = new Client(address, {
    headers,
    handshakeTimeout: options.handshakeTimeoutMs,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    ...(options.agent === undefined ? {} : { agent: options.agent }),
  });
  return await new Promise((resolve) => {
    client.once("open", () => resolve({ kind: "open", socket: new ResponseSocket(client) }));
    client.once("unexpected-response", (request, response) => {
      const status = response.statusCode ?? 0;
      request.destroy();
      resolve({ kind: "failed", offered: status === 401 || status === 429 || status >= 500 });
    });
    client.on("error", () => resolve({ kind: "failed", offered: true }));
  });
}

/** One connection, for one response at a time. It remembers its last response, so that only news has to be sent. */
export class ResponseSocket {
  readonly #client: WebSocket;
  #last: LastResponse | null = null;
  #onText: ((text: string) => void) | null = null;
  #onClose: (() => void) | null = null;

  constructor(client: WebSocket) {
    this.#client = client;
    client.on("message", (data: RawData) => this.#onText?.(String(data)));
    client.once("close", () => this.#onClose?.());
  }

  get usable(): boolean {
    return this.#client.readyState === this.#client.OPEN;
  }

  /** Sends a message and takes what comes back until `stop`. */
  start(message: string, on: { text: (text: string) => void; close: () => void }): void {
    this.#onText = on.text;
    this.#onClose = on.close;
    this.#client.send(message, (error) => {
      if (error !== undefined && error !== null) on.close();
    });
  }

  stop(): void {
    this.#onText = null;
    this.#onClose = null;
  }

  pause(): void {
    this.#client.pause();
  }

  resume(): void {
    if (this.usable) this.#client.resume();
  }

  close(): void {
    this.stop();
    this.#client.terminate();
  }

  remember(responseId: string, head: string, items: readonly ResponseItem[]): void {
    this.#last = { id: responseId, head, items };
  }

  forget(): void {
    this.#last = null;
  }

  /** What the connection knows of this request already; null when the request does not continue its last response. */
  known(request: ModelRequest, head: string): { responseId: string; items: number } | null {
    const last = this.#last;
    if (last === null || last.head !== head || request.input.length < last.items.length) return null;
    const same = last.items.every((item, index) => isSame(item, request.input[index]));
    return same ? { responseId: last.id, items: last.items.length } : null;
  }
}

/** Ids and statuses are left out of histories, so they do not count. */
function isSame(one: ResponseItem, other: ResponseItem | undefined): boolean {
  if (one === other) return true;
  return other !== undefined && JSON.stringify(bare(one)) === JSON.stringify(bare(other));
}

function bare(item: ResponseItem): object {
  return { ...item, id: undefined, status: undefined };
}
