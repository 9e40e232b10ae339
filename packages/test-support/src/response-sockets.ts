import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { fieldsIn, isFields, textIn } from "./dialects/json-fields.ts";
import { SocketOutlet } from "./socket-outlet.ts";

/** One `response.create`, with the input that it stands for: what the connection knows already, and what came. */
export interface SocketRequest {
  upgrade: IncomingMessage;
  body: Readonly<Record<string, unknown>>;
  /** Items that came over the wire. */
  newItems: number;
  outlet: SocketOutlet;
}

/** The Responses API over WebSockets: each connection remembers its last response. */
export class ResponseSockets {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #handle: (request: SocketRequest) => Promise<void>;

  constructor(handle: (request: SocketRequest) => Promise<void>) {
    this.#handle = handle;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client, request));
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  #serve(client: WebSocket, upgrade: IncomingMessage): void {
    let last: { id: string; items: readonly unknown[] } | null = null;
    client.on("error", () => client.terminate());
    client.on("message", (data) => {
      const message: unknown = JSON.parse(String(data));
      if (!isFields(message) || message.type !== "response.create") return;
      const { type: _type, previous_response_id: previous, ...sent } = message;
      if (previous !== undefined && textIn(previous) !== last?.id) {
        const error = {
          code: "previous_response_not_found",
          message: "No such response on this connection.",
        };
        client.send(JSON.stringify({ type: "error", status: 400, error }));
        return;
      }
      const items = fieldsIn(sent.input);
      const input = [...(previous === undefined ? [] : (last?.items ?? [])), ...items];
      const outlet = new SocketOutlet(client);
      void this.#handle({ upgrade, body: { ...sent, input }, newItems: items.length, outlet }).then(() => {
        const { completed } = outlet;
        last = completed === null ? null : { id: completed.id, items: [...input, ...completed.output] };
      });
    });
  }
}
