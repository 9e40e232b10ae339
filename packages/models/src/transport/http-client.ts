import { CodedError } from "@quire/protocol";
import {
  type Capabilities,
  type ClientDeps,
  DEFAULT_RETRY_LIMITS,
  type EndpointAuth,
  type EndpointOptions,
} from "../endpoint.ts";
import type { ModelClient, ModelRequest } from "../model-client.ts";
import type { OtherReading, WireCall } from "./attempt.ts";
import type { StreamDecoder } from "./ending.ts";
import { createHttpPoster } from "./http-post.ts";
import type { CallFacts } from "./refusal.ts";
import { httpRefusal } from "./server-error.ts";
import { ActiveCalls, type CallPolicy, streamingCall } from "./streaming-call.ts";

/** What a wire API over HTTP and server-sent events adds to the transport. Made once for each client. */
export interface HttpWire {
  /** Behind the base URL, for example "/responses". */
  path: string;
  /** Sent with every request; configured headers win over them. */
  headers?: Readonly<Record<string, string>>;
  /** How a key is shown to the endpoint. Absent: as a bearer token. */
  authHeaders?: (token: string) => Readonly<Record<string, string>>;
  /** Called once for a call; its attempts share the body and each gets a decoder of its own. */
  prepare(request: ModelRequest): PreparedCall;
  /** Ends what `otherWay` keeps open. */
  close?(): void;
}

export interface PreparedCall {
  /** Made when it is needed, and once. */
  body: () => Buffer;
  decoder: (facts: CallFacts) => StreamDecoder;
  /** See `WireCall`; gets the call's own words for refusals. */
  otherWay?: (reading: OtherReading, refusal: WireCall["refusal"]) => Promise<boolean>;
}

/** What the parts of a wire API are made of. */
export interface WireParts {
  /** The same object each time for one model. */
  capabilitiesFor: (model: string) => Capabilities;
  note: (text: string) => void;
  /** An id for an item that the endpoint gave none. Does not repeat in the life of a process. */
  newId: (prefix: string) => string;
}

const DEFAULT_TIMES = { idleTimeoutMs: 300_000, stallNoticeMs: 10_000, connectTimeoutMs: 15_000 };
/** Headers whose values are no secrets although the configuration names them. */
const OPEN_HEADERS: ReadonlySet<string> = new Set(["accept", "content-type", "user-agent", "originator"]);
/** Query parameters are mostly versions; these carry credentials. */
const SECRET_PARAMETER = /key|token|secret|auth|sig/i;

/** A client for one endpoint; everything but bodies and events is the same for every wire API. */
export function createHttpClient(
  options: EndpointOptions,
  deps: ClientDeps,
  defaults: Capabilities,
  wireOf: (parts: WireParts) => HttpWire,
): ModelClient {
  const note = deps.note ?? (() => {});
  const capabilitiesFor = capabilityLookup(options, defaults);
  const wire = wireOf({ capabilitiesFor, note, newId: itemIds(deps.random) });
  const poster = createHttpPoster(deps);
  const url = endpointUrl(options, wire.path);
  const configured = Object.entries(options.headers ?? {});
  const secrets = configuredSecrets(options);
  const policy: CallPolicy = {
    times: {
      idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_TIMES.idleTimeoutMs,
      stallNoticeMs: options.stallNoticeMs ?? DEFAULT_TIMES.stallNoticeMs,
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_TIMES.connectTimeoutMs,
    },
    retries: { ...DEFAULT_RETRY_LIMITS, ...options.retries },
    secrets: () => secrets,
  };
  const active = new ActiveCalls();

  async function headers(signal: AbortSignal, refused: boolean): Promise<Record<string, string>> {
    const token = await tokenOf(options.auth, signal, refused);
    if (token !== null) secrets.add(token);
    const shown = wire.authHeaders ?? ((key) => ({ authorization: `Bearer ${key}` }));
    return {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(options.userAgent === undefined ? {} : { "user-agent": options.userAgent }),
      ...(token === null ? {} : shown(token)),
      ...wire.headers,
      ...Object.fromEntries(configured.map(([name, value]) => [name.toLowerCase(), value])),
    };
  }

  function wireCall(request: ModelRequest): WireCall {
    const facts = (): CallFacts => ({
      url: `${url.origin}${url.pathname}`,
      model: request.model,
      auth: options.auth,
      nowMs: deps.nowMs(),
    });
    const { body, decoder, otherWay } = wire.prepare(request);
    let written: Buffer | null = null;
    const renewable = options.auth.kind === "bearer" && typeof options.auth.token === "function";
    let refused = false;
    const call: WireCall = {
      url,
      get body() {
        written ??= body();
        return written;
      },
      headers: (signal) => headers(signal, refused),
      decoder: () => decoder(facts()),
      refusal(status, answered, text) {
        const failure = httpRefusal(status, answered, text, facts());
        if (status !== 401 || !renewable || refused) return failure;
        // A token from a program may have run out; a new one is fetched once.
        refused = true;
        return { ...failure, retry: true, retryAfterMs: 0 };
      },
    };
    if (otherWay !== undefined) call.otherWay = (reading) => otherWay(reading, call.refusal);
    return call;
  }

  return {
    provider: options.provider,
    stream(request, { signal }) {
      return streamingCall(
        () => wireCall(request),
        policy,
        { ...deps, poster, agent: options.agent },
        active,
        signal,
      );
    },
    close() {
      active.close();
      poster.close();
      wire.close?.();
    },
  };
}

/** One writer for all models that can do the same: it keeps what it has written. */
export function writerLookup<W>(
  capabilitiesFor: WireParts["capabilitiesFor"],
  create: (capabilities: Capabilities) => W,
): (model: string) => W {
  const writers = new Map<Capabilities, W>();
  return (model) => {
    const capabilities = capabilitiesFor(model);
    const writer = writers.get(capabilities) ?? create(capabilities);
    writers.set(capabilities, writer);
    return writer;
  };
}

function capabilityLookup(options: EndpointOptions, defaults: Capabilities): (model: string) => Capabilities {
  const known = new Map<string, Capabilities>();
  return (model) => {
    let capabilities = known.get(model);
    if (capabilities === undefined) {
      capabilities = { ...defaults, ...options.capabilitiesOf?.(model), ...options.capabilities };
      known.set(model, capabilities);
    }
    return capabilities;
  };
}

/** Where an endpoint answers, with the configured parameters. */
export function endpointUrl(options: EndpointOptions, path: string): URL {
  const url = new URL(`${options.baseUrl.replace(/\/+$/, "")}${path}`);
  for (const [name, value] of Object.entries(options.queryParams ?? {})) url.searchParams.set(name, value);
  return url;
}

function configuredSecrets(options: EndpointOptions): Set<string> {
  const headers = Object.entries(options.headers ?? {});
  const parameters = Object.entries(options.queryParams ?? {});
  return new Set([
    ...headers.filter(([name]) => !OPEN_HEADERS.has(name.toLowerCase())).map(([, value]) => value),
    ...parameters.filter(([name]) => SECRET_PARAMETER.test(name)).map(([, value]) => value),
  ]);
}

/** Ids of one client: a part that differs between clients, and a count. */
function itemIds(random: () => number): (prefix: string) => string {
  const own = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, "0");
  let count = 0;
  return (prefix) => `${prefix}_${own}${(++count).toString(36)}`;
}

async function tokenOf(auth: EndpointAuth, signal: AbortSignal, refused: boolean): Promise<string | null> {
  if (auth.kind === "none") return null;
  if (typeof auth.token === "string") return auth.token;
  try {
    return await auth.token(signal, refused);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("model_unauthorized", `Could not get a key from ${auth.source}: ${why}`, {
      nextStep: `Check ${auth.source}.`,
      cause,
    });
  }
}
