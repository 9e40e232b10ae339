import type { ServerResponse } from "node:http";

export interface EventStreamOptions {
  /** A client that has not taken what was written after this time is let go. */
  writeTimeoutMs: number;
  setTimer: (callback: () => void, ms: number) => () => void;
}

/** Server-sent events to one client. A client that does not read makes `send` wait, and is dropped after a time. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #options: EventStreamOptions;

  constructor(response: ServerResponse, options: EventStreamOptions) {
    this.#response = response;
    this.#options = options;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-store",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
  }

  get closed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** `data` is one line. Resolves when the next one may be sent, or when the client is gone. */
  async send(data: string, name?: string): Promise<void> {
    if (this.closed) return;
    const frame = `${name === undefined ? "" : `event: ${name}\n`}data: ${data}\n\n`;
    if (!this.#response.write(frame)) await this.#drained();
  }

  end(): void {
    this.#response.end();
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        response.off("drain", done);
        response.off("close", done);
        resolve();
      };
      const cancel = this.#options.setTimer(() => response.destroy(), this.#options.writeTimeoutMs);
      response.once("drain", done);
      response.once("close", done);
    });
  }
}
