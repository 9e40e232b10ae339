import type { ResponseItem } from "@quire/protocol";
import type { ModelEvent, ModelRequest } from "../../model-client.ts";
import { type OtherReading, streamBroken, type WireCall } from "../../transport/attempt.ts";
import { brokenOff, type Ending, failed } from "../../transport/ending.ts";
import { type Fields, fieldsOf, parseFields, textOr } from "../../transport/json-fields.ts";
import type { RequestWriter } from "./request-body.ts";
import { openResponseSocket, type ResponseSocket } from "./response-socket.ts";

/** Connections that are kept for a later request; one of each thread, and not too many. */
const MAX_IDLE = 8;
/** The connection has forgotten its last response, or has lived long enough: the same again, in full, on a new one. */
const START_OVER: ReadonlySet<unknown> = new Set([
  "previous_response_not_found",
  "websocket_connection_limit_reached",
]);

export interface SocketCall {
  request: ModelRequest;
  writer: RequestWriter;
  refusal: WireCall["refusal"];
}

/**
 * The Responses API over WebSockets. A connection that has answered a thread's last request gets only what is new; every
 * failure closes its connection, so that a new try starts with nothing assumed.
 */
export class WebSocketWay {
  readonly #url: URL;
  readonly #connectTimeoutMs: number | undefined;
  readonly #idle = new Map<string, ResponseSocket>();
  readonly #busy = new Set<ResponseSocket>();
  #offered = true;
  #closed = false;

  constructor(url: URL, connectTimeoutMs?: number) {
    this.#url = url;
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** See `WireCall.otherWay`. */
  async go(call: SocketCall, reading: OtherReading): Promise<boolean> {
    const kept = this.#take(call.request.promptCacheKey);
    const socket = kept ?? (await this.#open(reading));
    if (socket === null) return false;
    if (reading.ended || this.#closed) {
      socket.close();
      return true;
    }
    this.#play(socket, call, reading, kept !== null);
    return true;
  }

  close(): void {
    this.#closed = true;
    for (const socket of [...this.#idle.values(), ...this.#busy]) socket.close();
    this.#idle.clear();
    this.#busy.clear();
  }

  #take(key: string): ResponseSocket | null {
    const socket = this.#idle.get(key);
    this.#idle.delete(key);
    return socket?.usable ? socket : null;
  }

  #keep(key: string, socket: ResponseSocket): void {
    socket.stop();
    this.#idle.get(key)?.close();
    this.#idle.delete(key);
    this.#idle.set(key, socket);
    const [oldest] = this.#idle.keys();
    if (this.#idle.size <= MAX_IDLE || oldest === undefined) return;
    this.#idle.get(oldest)?.close();
    this.#idle.delete(oldest);
  }

  async #open(reading: OtherReading): Promise<ResponseSocket | null> {
    if (!this.#offered || this.#closed) return null;
    const opened = await openResponseSocket(this.#url, {
      headers: reading.headers,
      handshakeTimeoutMs: this.#connectTimeoutMs ?? reading.connectTimeoutMs,
      agent: reading.agent,
    });
    if (opened.kind === "open") return opened.socket;
    if (!opened.offered) this.#offered = false;
    return null;
  }

  #play(socket: ResponseSocket, call: SocketCall, reading: OtherReading, kept: boolean): void {
    const { request, writer } = call;
    const head = writer.head(request);
    const decoder = reading.decoder();
    const output: ResponseItem[] = [];
    const emit = (event: ModelEvent): void => {
      if (event.type === "item_done") output.push(event.item);
      reading.emit(event);
    };
    let heard = false;
    const release = (): void => {
      reading.signal.removeEventListener("abort", abort);
      this.#busy.delete(socket);
    };
    const abort = (): void => {
      release();
      socket.close();
    };
    const end = (ending: Ending): void => {
      release();
      const id = ending.kind === "completed" ? ending.completion.responseId : null;
      if (id === null || this.#closed) socket.close();
      else {
        socket.remember(id, head, [...request.input, ...output]);
        this.#keep(request.promptCacheKey, socket);
      }
      reading.end(ending);
    };
    const again = (): void => {
      abort();
      this.#retryInFull(call, reading).catch((thrown: unknown) => reading.end(broken(String(thrown))));
    };
    this.#busy.add(socket);
    reading.signal.addEventListener("abort", abort, { once: true });
    socket.start(writer.message(request, socket.known(request, head)), {
      text: (text) => {
        const refused = refusedIn(text);
        if (refused !== null && START_OVER.has(refused.code)) return again();
        reading.touch();
        heard = true;
        const ending = refused === null ? decoder.feed(text, undefined, emit) : refusalOf(refused, call);
        if (ending !== null) return end(ending);
        if (reading.full(() => socket.resume())) socket.pause();
      },
      // An old connection that the server had closed meanwhile: the request never arrived.
      close: () => {
        if (kept && !heard) again();
        else end(heard ? broken("the connection was closed") : this.#unanswered());
      },
    });
  }

  #unanswered(): Ending {
    const message = `The model endpoint ${this.#url.origin} closed the connection without an answer.`;
    const next = "Check the network and the provider's base_url.";
    return failed(brokenOff("request", "model_unreachable", message, next));
  }

  async #retryInFull(call: SocketCall, reading: OtherReading): Promise<void> {
    const socket = await this.#open(reading);
    if (reading.ended) socket?.close();
    else if (socket === null) reading.end(broken("a new connection could not be opened"));
    else this.#play(socket, call, reading, false);
  }
}

function broken(why: string): Ending {
  return failed(streamBroken("model_stream_cut", why));
}

interface Refused {
  status: number;
  code: unknown;
  headers: Record<string, string>;
  body: string;
}

/** An error message that stands for an HTTP answer other than 200; null for everything else. */
function refusedIn(text: string): Refused | null {
  if (!text.includes('"error"') || !text.includes('"status')) return null;
  const message: Fields | null = parseFields(text);
  if (message?.type !== "error") return null;
  const status = message.status ?? message.status_code;
  if (typeof status !== "number") return null;
  const headers = Object.entries(fieldsOf(message.headers)).map(
    ([name, value]) => [name.toLowerCase(), textOr(value, String(value))] as const,
  );
  return {
    status,
    code: fieldsOf(message.error).code,
    headers: Object.fromEntries(headers),
    body: JSON.stringify({ error: message.error }),
  };
}

function refusalOf({ status, headers, body }: Refused, call: SocketCall): Ending {
  return failed(call.refusal(status, headers, body));
}
