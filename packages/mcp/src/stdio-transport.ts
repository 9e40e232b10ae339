import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { createMessageReader, type MessageReader } from "./message-reader.ts";
import type { ServerProcess } from "./server-process.ts";

/** Kept of what a server prints beside its messages, for a person who looks for the cause of a failure. */
const DIAGNOSTICS_BYTES = 4096;
/** How long a server may take to end by itself once its input has ended. */
const ENDING_GRACE_MS = 200;
/** What a server may tell us unasked. Anything else is dropped unread. */
const WANTED_NOTIFICATIONS = new Set([
  "notifications/progress",
  "notifications/cancelled",
  "notifications/message",
  "notifications/tools/list_changed",
]);

/** JSON-RPC over the standard streams of a process that was already started. Owns the process from then on. */
export class StdioTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage) => void) | undefined;
  readonly #process: ServerProcess;
  readonly #parse: (line: string) => JSONRPCMessage;
  readonly #reader: MessageReader;
  #diagnostics = "";
  #reason: string | null = null;
  #closing: Promise<void> | null = null;

  constructor(process: ServerProcess, parse: (line: string) => JSONRPCMessage) {
    this.#process = process;
    this.#parse = parse;
    this.#reader = createMessageReader((line) => this.#receive(line));
  }

  /** Why the connection ended, once it has. */
  get reason(): string | null {
    return this.#reason;
  }

  /** The end of what the server printed for people. */
  get diagnostics(): string {
    return this.#diagnostics;
  }

  start(): Promise<void> {
    this.#process.onOutput((chunk, stream) => {
      if (stream === "stderr") this.#note(chunk.toString("utf8"));
      else if (this.#closing === null) {
        const tooMuch = this.#reader.add(chunk);
        if (tooMuch !== null) this.#end(`${tooMuch} and was ended`);
      }
    });
    void this.#process.ended.then((how) => this.#end(`its process ended (${how})`));
    return Promise.resolve();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if ("method" in message && "id" in message) this.#reader.renew();
    const taken = await this.#process.write(`${JSON.stringify(message)}\n`);
    if (taken) return;
    // Its end is about to be known, and says more.
    await this.#endOr(ENDING_GRACE_MS);
    throw new Error(this.#reason ?? "the server no longer reads its input");
  }

  close(): Promise<void> {
    this.#end("it was closed");
    return this.#closing ?? Promise.resolve();
  }

  #end(reason: string): void {
    if (this.#closing !== null) return;
    this.#reason = reason;
    this.#closing = this.#stop();
    this.onclose?.();
  }

  async #stop(): Promise<void> {
    this.#process.endInput();
    await this.#endOr(ENDING_GRACE_MS);
    await this.#process.kill();
  }

  async #endOr(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#process.ended, late]);
    clearTimeout(timer);
  }

  #receive(line: string): void {
    if (this.#closing !== null) return;
    let message: JSONRPCMessage;
    try {
      message = this.#parse(line);
    } catch {
      // Programs print greetings and logs where only messages belong; a person may want to see them.
      this.#note(`${line.slice(0, 500)}\n`);
      return;
    }
    const unasked = "method" in message && !("id" in message) && !WANTED_NOTIFICATIONS.has(message.method);
    if (unasked) return;
    // The library puts notifications off by a microtask and answers not, so the last progress of a call would come too late.
    if ("method" in message) this.onmessage?.(message);
    else queueMicrotask(() => this.onmessage?.(message));
  }

  #note(text: string): void {
    this.#diagnostics = (this.#diagnostics + text).slice(-DIAGNOSTICS_BYTES);
  }
}
