import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiError, invalidValue } from "./api-error.ts";
import { EventStream } from "./event-stream.ts";
import { readForm } from "./form-body.ts";
import { type BodyLimits, readJsonBody } from "./json-body.ts";

export interface ExchangeLimits {
  maxBodyBytes: number;
  /** The time a client has to send its whole body. */
  bodyTimeoutMs: number;
  /** The time a client has to take what was written to it. */
  writeTimeoutMs: number;
}

export interface ExchangeDeps {
  limits: ExchangeLimits;
  setTimer: (callback: () => void, ms: number) => () => void;
}

/** One request and its answer, as handlers see them. */
export class Exchange {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Aborts when the client has gone or the gateway stops. */
  readonly signal: AbortSignal;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #deps: ExchangeDeps;

  constructor(
    http: { request: IncomingMessage; response: ServerResponse },
    at: { params: Readonly<Record<string, string>>; query: URLSearchParams; signal: AbortSignal },
    deps: ExchangeDeps,
  ) {
    this.#request = http.request;
    this.#response = http.response;
    this.params = at.params;
    this.query = at.query;
    this.signal = at.signal;
    this.#deps = deps;
  }

  param(name: string): string {
    return this.params[name] ?? "";
  }

  /** The body as JSON. Fails with the error that the client is to see. */
  body(): Promise<unknown> {
    return readJsonBody(this.#request, this.#bodyLimits());
  }

  /** The fields of a multipart form. Fails with the error that the client is to see. */
  form(): Promise<Record<string, unknown>> {
    return readForm(this.#request, this.#bodyLimits());
  }

  #bodyLimits(): BodyLimits {
    const { limits, setTimer } = this.#deps;
    const { signal } = this;
    return { maxBytes: limits.maxBodyBytes, timeoutMs: limits.bodyTimeoutMs, setTimer, signal };
  }

  json(value: unknown, status = 200): void {
    const text = Buffer.from(JSON.stringify(value));
    this.#response.writeHead(status, { "content-type": "application/json", "content-length": text.length });
    this.#response.end(text);
  }

  bytes(content: Buffer, contentType: string): void {
    this.#response.writeHead(200, {
      "content-type": contentType,
      "content-length": content.length,
      "content-disposition": "attachment",
    });
    this.#response.end(content);
  }

  error(error: ApiError): void {
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    if (error.retryAfter !== null) this.#response.setHeader("retry-after", String(error.retryAfter));
    if (error.final) this.#response.setHeader("x-should-retry", "false");
    if (error.status === 413 || error.status === 408) this.#response.setHeader("connection", "close");
    this.json(error.body(), error.status);
  }

  /** Begins an answer of server-sent events. */
  events(): EventStream {
    const { limits, setTimer } = this.#deps;
    return new EventStream(this.#response, { writeTimeoutMs: limits.writeTimeoutMs, setTimer });
  }

  /** A whole number of the query, or the default where there is none. */
  queryNumber(name: string, fallback: number, range: { min: number; max: number }): number {
    const text = this.query.get(name);
    if (text === null) return fallback;
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= range.min && value <= range.max) return value;
    throw invalidValue(name, `${name} must be a whole number from ${range.min} to ${range.max}.`);
  }
}
