import type { IncomingMessage, RequestOptions } from "node:http";
import { rootCertificates } from "node:tls";
import { reservedAddress } from "./addresses.ts";
import { Gate, type GateAnswer } from "./gate.ts";
import { unreachable } from "./http-answers.ts";
import { type NetworkProxyOptions, resolveBySystem } from "./network-proxy.ts";
import { compileRules } from "./rules.ts";
import { checkedLookup } from "./upstream.ts";
import { type ReadBody, readWebBody } from "./web-body.ts";

/** One page that our own process fetches for the model. */
export interface WebRequest {
  readonly url: URL;
  /** Sent only to the origin of `url`, and not after a redirect away from it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The item that the decisions belong to. */
  readonly itemId: string;
  readonly signal: AbortSignal;
  /** Of the decoded body; what is beyond is not read. */
  readonly maxBytes: number;
  /** From the first byte sent to the last one read, redirects and questions about hosts left out. */
  readonly timeoutMs: number;
  /** Whether a body of this media type is wanted; others are not read. */
  readonly accepts: (mediaType: string) => boolean;
}

export type WebAnswer =
  | {
      readonly kind: "answered";
      /** Where the answer came from, after redirects. */
      readonly url: URL;
      readonly status: number;
      /** The whole content-type, lower case; empty when none was sent. */
      readonly contentType: string;
      readonly body: ReadBody;
    }
  /** Network rules, or a person, forbid it. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };

/** Fetches under the network rules of commands. */
export interface WebDoor {
  /** Never rejects. */
  get(request: WebRequest): Promise<WebAnswer>;
  /** Ends what runs, and open questions. May be called twice. */
  close(): void;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A door for our own process to the hosts that commands may reach: the same rules, the same questions, the same checks of
 * every address, for every hop. Throws when a rule is not usable; `compileRules` says so without throwing.
 */
export function openWebDoor(options: NetworkProxyOptions): WebDoor {
  const compiled = compileRules(options.rules);
  if (compiled.kind === "invalid") throw new Error(compiled.problems.join("\n"));
  const closed = new AbortController();
  const gate = new Gate({
    rules: compiled.rules,
    ask: options.ask,
    resolve: options.resolve ?? resolveBySystem,
    reserved: options.reserved ?? reservedAddress,
    onDecision: options.onDecision,
    signal: closed.signal,
  });
  return {
    get: (request) =>
      follow({ ...request, signal: AbortSignal.any([request.signal, closed.signal]) }, gate, options),
    close: () => closed.abort(),
  };
}

async function follow(request: WebRequest, gate: Gate, options: NetworkProxyOptions): Promise<WebAnswer> {
  let { url } = request;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const problem = urlProblem(url, hop === 0 ? null : request.url);
    if (problem !== null) return { kind: "failed", message: `${shown(url)} was not fetched: ${problem}.` };
    const answer = await gate.decide({
      host: url.hostname,
      port: portOf(url),
      method: url.protocol === "https:" ? "connect" : "http",
      origin: request.itemId,
      signal: request.signal,
    });
    if (answer.kind === "deny") return { kind: "refused", message: answer.message };
    const next = await fetchOnce(request, url, answer, options);
    if (!(next instanceof URL)) return next;
    url = next;
  }
  return {
    kind: "failed",
    message: `${shown(request.url)} leads through more than ${MOST_REDIRECTS} redirects.`,
  };
}

/** Why an address is no page to fetch. `from` is where a redirect began. */
function urlProblem(url: URL, from: URL | null): string | null {
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return "only http and https addresses are fetched";
  if (url.username !== "" || url.password !== "") return "the address holds a user name or password";
  if (from?.protocol === "https:" && url.protocol === "http:") return "the redirect leads from https to http";
  return null;
}

type Allowed = Extract<GateAnswer, { kind: "allow" }>;

/** The answer, or where it redirects to. */
async function fetchOnce(
  request: WebRequest,
  url: URL,
  allowed: Allowed,
  options: NetworkProxyOptions,
): Promise<WebAnswer | URL> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(request.timeoutMs)]);
  try {
    const response = await answerOf(request, url, allowed, options, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (REDIRECTS.has(status) && location !== undefined) {
      response.destroy();
      if (URL.canParse(location, url)) return new URL(location, url);
      return { kind: "failed", message: `${shown(url)} redirects to something that is no address.` };
    }
    const contentType = (response.headers["content-type"] ?? "").toLowerCase();
    const mediaType = (contentType.split(";")[0] ?? "").trim();
    if (!request.accepts(mediaType)) {
      response.destroy();
      const type = /^[\w.+-]+\/[\w.+-]+$/.test(mediaType) ? mediaType : "of no type that it names";
      return { kind: "failed", message: `${shown(url)} is ${type}, which cannot be read as text.` };
    }
    const body = await readWebBody(response, request.maxBytes);
    return { kind: "answered", url, status, contentType, body };
  } catch (error) {
    if (request.signal.aborted) return { kind: "failed", message: "The fetch was interrupted." };
    if (signal.aborted) {
      return {
        kind: "failed",
        message: `${shown(url)} did not answer within ${request.timeoutMs / 1000} seconds.`,
      };
    }
    return { kind: "failed", message: unreachable(allowed.host.text, error) };
  }
}

async function answerOf(
  { url: first, headers }: WebRequest,
  url: URL,
  { host, port, addresses }: Allowed,
  { certificates }: NetworkProxyOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const https = url.protocol === "https:";
  const sent: RequestOptions = {
    host: host.text,
    port,
    path: url.pathname + url.search,
    method: "GET",
    lookup: checkedLookup(addresses),
    agent: false,
    signal,
    maxHeaderSize: 32 * 1024,
    insecureHTTPParser: false,
    headers: {
      host: url.host,
      accept: "text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.9,*/*;q=0.1",
      "accept-encoding": "gzip, deflate, br",
      "user-agent": "Mozilla/5.0 (compatible; quire)",
      connection: "close",
      ...(url.origin === first.origin ? headers : {}),
    },
  };
  const { request } = https ? await import("node:https") : await import("node:http");
  const trusted = https && certificates !== undefined ? { ca: [...rootCertificates, ...certificates] } : {};
  const secure = https && host.kind === "name" ? { servername: host.text } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...sent, ...trusted, ...secure }, resolve);
    outgoing.on("error", reject);
    outgoing.end();
  });
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

/** Without what may be a secret in it. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`.slice(0, 200);
}
