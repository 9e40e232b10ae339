import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import { errorInfoOf } from "@quire/protocol";
import { createParser } from "eventsource-parser";
import type { ClientDeps } from "../endpoint.ts";
import type { ModelEvent } from "../model-client.ts";
import { readBoundedText } from "./bounded-text.ts";
import { brokenOff, type Ending, type Failure, failed, INTERRUPTED, type StreamDecoder } from "./ending.ts";
import { EventBuffer } from "./event-buffer.ts";
import type { HttpPoster } from "./http-post.ts";
import { rateLimitsOf } from "./rate-limits.ts";
import { type SilenceWatch, watchSilence } from "./silence-watch.ts";

/** Characters of one event; beyond it the stream is broken or hostile. */
const LONGEST_EVENT = 64 * 1024 * 1024;
/** After its last event a response has this long to end, so that its connection can be used again. */
const DRAIN_MS = 1_000;

/** What a wire API supplies for a call; one object serves all its attempts. */
export interface WireCall {
  url: URL;
  readonly body: Buffer;
  headers: (signal: AbortSignal) => Promise<Readonly<Record<string, string>>>;
  decoder: () => StreamDecoder;
  /** Explains an answer that is not 200. */
  refusal: (status: number, headers: IncomingHttpHeaders, body: string) => Failure;
  /**
   * Another way than a POST. Resolves to false when it cannot be gone, before anything was sent; else the try ends by
   * `end`.
   */
  otherWay?: (reading: OtherReading) => Promise<boolean>;
}

/** What a transport of its own needs to play one try of a call. */
export interface OtherReading {
  headers: Readonly<Record<string, string>>;
  decoder: () => StreamDecoder;
  emit: (event: ModelEvent) => void;
  /** Something arrived; from the first time on a break is one of the stream, not of the request. */
  touch: () => void;
  /** True when the reader is behind; `resume` is called once it has caught up. */
  full: (resume: () => void) => boolean;
  end: (ending: Ending) => void;
  readonly ended: boolean;
  connectTimeoutMs: number;
  agent: import("node:http").Agent | undefined;
  /** Aborts when the try is given up. */
  signal: AbortSignal;
}

export interface AttemptTimes {
  idleTimeoutMs: number;
  stallNoticeMs: number;
  connectTimeoutMs: number;
}

export interface Attempt {
  readonly buffer: EventBuffer;
  /** Ends the attempt now and drops its connection; nothing happens when it has ended by itself. */
  cancel(): void;
}

export interface AttemptDeps extends ClientDeps {
  poster: HttpPoster;
  agent: import("node:http").Agent | undefined;
}

/** Starts one try of a call. Never throws: everything that goes wrong is the buffer's ending. */
export function startAttempt(call: WireCall, times: AttemptTimes, deps: AttemptDeps): Attempt {
  const buffer = new EventBuffer();
  const connection = new AbortController();
  let stage: Failure["stage"] = "request";

  const end = (ending: Ending, keepConnection: boolean): void => {
    if (buffer.ending !== null) return;
    watch.stop();
    buffer.end(ending);
    if (!keepConnection) connection.abort();
  };
  const watch = watchSilence(times, deps, {
    stall: (idleMs) => buffer.push({ type: "stalled", idleMs }),
    idle: (idleMs) => {
      const message = `The model endpoint sent nothing for ${Math.round(idleMs / 1_000)} s.`;
      const next = "Try again, or raise stream_idle_timeout_ms for a slow endpoint.";
      end(failed(brokenOff(stage, "model_stalled", message, next)), false);
    },
  });

  const otherReading = (from: WireCall, headers: Readonly<Record<string, string>>): OtherReading => ({
    headers,
    decoder: from.decoder,
    emit: buffer.push.bind(buffer),
    touch() {
      stage = "stream";
      watch.touch();
    },
    full: (resume) => buffer.full(resume),
    end: (ending) => end(ending, ending.kind === "completed"),
    get ended() {
      return buffer.ending !== null;
    },
    connectTimeoutMs: times.connectTimeoutMs,
    agent: deps.agent,
    signal: connection.signal,
  });
  const run = async (): Promise<void> => {
    const headers = await call.headers(connection.signal);
    if (call.otherWay !== undefined && (await call.otherWay(otherReading(call, headers)))) return;
    if (buffer.ending !== null) return;
    const target = { url: call.url, headers, body: call.body, ...times, agent: deps.agent };
    let result = await deps.poster.post(target, connection.signal);
    while (result.kind === "failed" && result.staleConnection && buffer.ending === null) {
      result = await deps.poster.post(target, connection.signal);
    }
    if (buffer.ending !== null) return;
    if (result.kind === "failed") {
      end(failed(unreachable(call.url, result.cause)), false);
      return;
    }
    const refused = await refusalOf(result.response, call, deps);
    if (refused !== null) {
      end(failed(refused), true);
      return;
    }
    stage = "stream";
    watch.touch();
    readEvents(result.response, call.decoder(), { buffer, watch, end, deps });
  };
  run().catch((thrown: unknown) => {
    end(failed({ error: errorInfoOf(thrown), retry: false, retryAfterMs: null, stage }), false);
  });

  return {
    buffer,
    cancel() {
      end(failed({ error: INTERRUPTED, retry: false, retryAfterMs: null, stage }), false);
    },
  };
}

/** Why an answer cannot be read as a stream of events, null when it can. */
async function refusalOf(
  response: IncomingMessage,
  call: WireCall,
  deps: ClientDeps,
): Promise<Failure | null> {
  const status = response.statusCode ?? 0;
  const contentType = response.headers["content-type"] ?? "";
  const encoding = response.headers["content-encoding"] ?? "identity";
  const isStream = contentType === "" || contentType.startsWith("text/event-stream");
  if (status === 200 && isStream && encoding === "identity") return null;
  const body = await readBoundedText(response, deps);
  // Some endpoints say what is wrong under a status that says all is well.
  const isError = contentType.startsWith("application/json") && /"error"\s*:\s*[{"]/.test(body);
  if (status !== 200 || isError) return call.refusal(status, response.headers, body);
  if (isStream) {
    return brokenOff(
      "request",
      "model_stream_malformed",
      `The model endpoint compressed its answer (${encoding.slice(0, 40)}), which was not asked for.`,
      `Switch compression off there, or in the proxy in between: ${call.url.origin}${call.url.pathname}.`,
    );
  }
  return brokenOff(
    "request",
    "model_stream_malformed",
    `The model endpoint answered with ${contentType} where a stream of events was expected.`,
    `Check the provider's base_url and any proxy in between: ${call.url.origin}${call.url.pathname}.`,
    body.slice(0, 500),
  );
}

interface Reading {
  buffer: EventBuffer;
  watch: SilenceWatch;
  end: (ending: Ending, keepConnection: boolean) => void;
  deps: ClientDeps;
}

function readEvents(body: IncomingMessage, decoder: StreamDecoder, reading: Reading): void {
  const { buffer, watch, end } = reading;
  const emit = buffer.push.bind(buffer);
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onEvent: (event) => {
      if (buffer.ending !== null) return;
      watch.touch();
      const ending = decoder.feed(event.data, event.event, emit);
      if (ending === null) return;
      end(withLimits(ending, body, reading.deps), true);
      drain(body, reading.deps);
    },
    onComment: () => watch.touch(),
    onError: (error) => {
      if (error.type !== "max-buffer-size-exceeded") return;
      end(failed(streamBroken("model_stream_malformed", "one event is larger than 64 Mi characters")), false);
    },
  });
  const text = new StringDecoder("utf8");
  let first = true;
  body.on("data", (chunk: Buffer) => {
    if (buffer.ending !== null) return;
    try {
      const piece = text.write(chunk);
      // The decoder keeps a byte order mark, which the format says to ignore.
      parser.feed(first && piece.startsWith("\uFEFF") ? piece.slice(1) : piece);
      if (piece !== "") first = false;
    } catch (thrown) {
      const error = errorInfoOf(thrown);
      end(failed({ error, retry: false, retryAfterMs: null, stage: "stream" }), false);
    }
    if (buffer.full(() => body.resume())) body.pause();
  });
  body.once("end", () => {
    const why = "it ended without saying that the response is complete";
    const closed = buffer.ending === null ? decoder.close?.(emit) : null;
    end(
      closed ? withLimits(closed, body, reading.deps) : failed(streamBroken("model_stream_cut", why)),
      true,
    );
  });
  body.on("error", (cause) => end(failed(streamBroken("model_stream_cut", cause.message)), false));
  body.once("close", () => end(failed(streamBroken("model_stream_cut", "the connection was closed")), false));
}

function withLimits(ending: Ending, { headers }: IncomingMessage, deps: ClientDeps): Ending {
  if (ending.kind !== "completed") return ending;
  const rateLimits = rateLimitsOf(headers, deps.nowMs());
  if (rateLimits.length === 0) return ending;
  return { ...ending, completion: { ...ending.completion, rateLimits } };
}

/** A stream that broke off before it said how it ended. */
export function streamBroken(code: "model_stream_cut" | "model_stream_malformed", why: string): Failure {
  const next =
    "Resume the thread to go on; if it keeps happening, check the network and any proxy in between.";
  return brokenOff("stream", code, `The model's stream disconnected before completion: ${why}.`, next);
}

function unreachable(url: URL, cause: Error): Failure {
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const why = wordsOf(cause);
  const shown = code === "" || why.includes(code) ? why : `${why} (${code})`;
  const message = `Could not reach the model endpoint ${url.origin}: ${shown}`;
  return brokenOff("request", "model_unreachable", message, waysOut(code, url));
}

/** What to do about a connection that was not made, by the system's word for why. */
function waysOut(code: string, url: URL): string {
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return "Its certificate is not trusted here. If it should be, name its authority with ca_certificate of the provider, or in CODEX_CA_CERTIFICATE, SSL_CERT_FILE or NODE_EXTRA_CA_CERTS.";
  }
  if (/^(EAI_AGAIN|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EADDRNOTAVAIL)$/.test(code)) {
    return `This machine seems to be offline: what is waited for is a way to ${url.hostname}. Connect it, or set HTTPS_PROXY if there is a proxy.`;
  }
  if (code === "ENOTFOUND") {
    return `The name ${url.hostname} is not known here: either this machine is offline, or the provider's base_url is wrong.`;
  }
  if (code === "ECONNREFUSED" && /^(localhost|127\.|\[::1\])/.test(url.hostname)) {
    return `Nothing listens on port ${url.port || "80"} of this machine: start the local model server, or correct base_url.`;
  }
  return "Check the network and the provider's base_url.";
}

/** A host with several addresses fails with one error for each and no words of its own. */
function wordsOf(cause: Error): string {
  if (cause.message !== "") return cause.message;
  if (!(cause instanceof AggregateError)) return cause.name;
  return cause.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join("; ");
}

/** Lets the last bytes of a finished response pass, so that its connection goes back to the pool. */
function drain(body: IncomingMessage, deps: ClientDeps): void {
  const stop = deps.setTimer(() => body.destroy(), DRAIN_MS);
  body.once("close", stop);
  body.once("end", stop);
  body.resume();
}
