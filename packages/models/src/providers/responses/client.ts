import { CodedError } from "@quire/protocol";
import {
  type ClientDeps,
  DEFAULT_RETRY_LIMITS,
  type EndpointAuth,
  type EndpointOptions,
  FULL_CAPABILITIES,
} from "../../endpoint.ts";
import type { ModelClient, ModelRequest } from "../../model-client.ts";
import type { WireCall } from "../../transport/attempt.ts";
import { createHttpPoster } from "../../transport/http-post.ts";
import type { CallFacts } from "../../transport/refusal.ts";
import { ActiveCalls, type CallPolicy, streamingCall } from "../../transport/streaming-call.ts";
import { createRequestWriter } from "./request-body.ts";
import { httpRefusal } from "./server-error.ts";
import { createResponsesDecoder } from "./stream-decoder.ts";

const DEFAULT_TIMES = { idleTimeoutMs: 300_000, stallNoticeMs: 10_000, connectTimeoutMs: 15_000 };
/** Headers whose values are no secrets although the configuration names them. */
const OPEN_HEADERS: ReadonlySet<string> = new Set(["accept", "content-type", "user-agent", "originator"]);
/** Query parameters are mostly versions; these carry credentials. */
const SECRET_PARAMETER = /key|token|secret|auth|sig/i;

/** A client for endpoints that speak the Responses API over server-sent events. */
export function createResponsesClient(options: EndpointOptions, deps: ClientDeps): ModelClient {
  const capabilities = { ...FULL_CAPABILITIES, ...options.capabilities };
  const note = deps.note ?? (() => {});
  const writer = createRequestWriter(capabilities, note);
  const poster = createHttpPoster(deps);
  const url = responsesUrl(options);
  const configured = Object.entries(options.headers ?? {});
  const secrets = new Set([
    ...configured.filter(([name]) => !OPEN_HEADERS.has(name.toLowerCase())).map(([, value]) => value),
    ...Object.entries(options.queryParams ?? {})
      .filter(([name]) => SECRET_PARAMETER.test(name))
      .map(([, value]) => value),
  ]);
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

  async function headers(signal: AbortSignal): Promise<Record<string, string>> {
    const token = await tokenOf(options.auth, signal);
    if (token !== null) secrets.add(token);
    return {
      "content-type": "application/json",
      accept: "text/event-stream",
      ...(options.userAgent === undefined ? {} : { "user-agent": options.userAgent }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
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
    return {
      url,
      body: writer.write(request),
      headers,
      decoder: () => createResponsesDecoder(facts(), note),
      refusal: (status, answered, body) => httpRefusal(status, answered, body, facts()),
    };
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
    },
  };
}

function responsesUrl(options: EndpointOptions): URL {
  const url = new URL(`${options.baseUrl.replace(/\/+$/, "")}/responses`);
  for (const [name, value] of Object.entries(options.queryParams ?? {})) url.searchParams.set(name, value);
  return url;
}

async function tokenOf(auth: EndpointAuth, signal: AbortSignal): Promise<string | null> {
  if (auth.kind === "none") return null;
  if (typeof auth.token === "string") return auth.token;
  try {
    return await auth.token(signal);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("model_unauthorized", `Could not get a key from ${auth.source}: ${why}`, {
      nextStep: `Check ${auth.source}.`,
      cause,
    });
  }
}
