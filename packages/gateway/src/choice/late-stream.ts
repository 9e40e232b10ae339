import type { ApiError } from "../http/api-error.ts";
import type { EventStream } from "../http/event-stream.ts";
import type { Exchange } from "../http/exchange.ts";

/**
 * A stream that begins with its first chunk, so that a request which fails before is answered with its status. Chunks of
 * several choices may come at once; each is sent whole.
 */
export class LateStream {
  readonly #exchange: Exchange;
  #stream: EventStream | null = null;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  async send(chunk: unknown): Promise<void> {
    this.#stream ??= this.#exchange.events();
    await this.#stream.send(JSON.stringify(chunk));
  }

  async end(): Promise<void> {
    this.#stream ??= this.#exchange.events();
    await this.#stream.send("[DONE]");
    this.#stream.end();
  }

  /** An error in the middle is an event of its own, as OpenAI's clients expect it. */
  async fail(error: ApiError): Promise<void> {
    if (this.#stream === null) throw error;
    await this.#stream.send(JSON.stringify(error.body()));
    this.#stream.end();
  }
}
