import type { IncomingHttpHeaders } from "node:http";

/** What a dialect reads out of a request's body. */
export interface RequestView {
  model: string;
  tools: readonly { name: string; kind: "function" | "freeform"; argument: string }[];
  /** The text of each tool output, oldest first. Parts of an output are joined; an image counts as its URL. */
  toolOutputs: readonly string[];
  /** The text of each message, oldest first, instructions not included. */
  inputTexts: readonly string[];
}

/** One request as it came over the wire. */
export interface RecordedRequest extends RequestView {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The exact bytes of the body. Over a WebSocket: the whole request that a message stands for, as JSON. */
  raw: Buffer;
  /** The body as parsed JSON, undefined when it is none. */
  body: unknown;
  /** Over a WebSocket: how many items of the input came over the wire; the rest the connection knew. */
  newItems?: number;
  /** The client's port: the same for requests over one connection. */
  clientPort: number;
  /** Milliseconds since the server started. */
  atMs: number;
  /** True once the client went away before the answer was complete. */
  closedByClient: boolean;
}
