import {
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import type { RequestOptions } from "node:https";
import { pipeline } from "node:stream/promises";
import { rootCertificates } from "node:tls";
import type { GateAnswer } from "./gate.ts";
import { endToEndFields, fieldValues, type HeaderField } from "./header-fields.ts";
import { formatAuthority, readHost, splitAuthority } from "./host-name.ts";
import { hostProblem, refusalStatus, unreachable } from "./http-answers.ts";
import type { ProxyClient, ProxyContext } from "./proxy-context.ts";
import type { CompiledCredential } from "./rules.ts";
import { SecretMask } from "./secret-mask.ts";
import { checkedLookup } from "./upstream.ts";

type Allowed = Extract<GateAnswer, { kind: "allow" }>;

interface Target {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Headers to add on the way, over HTTPS. */
  readonly credential: CompiledCredential | undefined;
}

/**
 * Sends one plain HTTP request on. It is not copied but written anew from what the parser understood, so both sides
 * agree on where it ends.
 */
export async function forwardRequest(
  context: ProxyContext,
  client: ProxyClient,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.shouldKeepAlive = false;
  const target = readTarget(context, incoming);
  if ("problem" in target) return refuse(response, target.status, target.problem);
  const method = target.credential ? "credential" : "http";
  const answer = await context.gate.decide({
    host: target.host,
    port: target.port,
    method,
    origin: client.origin(),
    signal: client.signal,
  });
  if (answer.kind === "deny") return refuse(response, refusalStatus(answer), answer.message);
  const outgoing = await openRequest(context, incoming, target, answer);
  const abort = () => outgoing.destroy(new Error("the client went away"));
  client.signal.addEventListener("abort", abort, { once: true });
  if (client.signal.aborted) abort();
  try {
    const [answered] = await Promise.all([
      responseTo(outgoing, context),
      // A server may answer, and close, before it has read everything.
      pipeline(incoming, outgoing).catch(() => undefined),
    ]);
    await passBack(answered, response, target);
  } catch (error) {
    outgoing.destroy();
    if (response.headersSent) response.destroy();
    else refuse(response, "502 Bad Gateway", unreachable(answer.host.text, error));
  } finally {
    client.signal.removeEventListener("abort", abort);
    client.traffic.sent += outgoing.socket?.bytesWritten ?? 0;
    client.traffic.received += outgoing.socket?.bytesRead ?? 0;
  }
}

function refuse(response: ServerResponse, status: string, text: string): void {
  const body = `${text}\n`;
  response.writeHead(Number(status.slice(0, 3)), status.slice(4), {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    Connection: "close",
    "X-Quire-Proxy": "refused",
  });
  response.end(body);
}

function readTarget(
  context: ProxyContext,
  incoming: IncomingMessage,
): Target | { readonly status: string; readonly problem: string } {
  const bad = (problem: string) => ({ status: "400 Bad Request", problem });
  const [, authority = "", rest = ""] =
    (incoming.url ?? "").match(/^http:\/\/([^/?#@\\]+)([/?][^#]*)?$/i) ?? [];
  const named = splitAuthority(authority);
  if (!named) {
    return bad("This is a proxy: use CONNECT for https, or an absolute http:// address without a user name.");
  }
  if (incoming.method === "TRACE")
    return { status: "405 Method Not Allowed", problem: "TRACE is not passed on." };
  const coding = incoming.headers["transfer-encoding"];
  if (coding !== undefined && coding.toLowerCase() !== "chunked") {
    return bad("The only transfer coding that is passed on is chunked.");
  }
  const mismatch = hostProblem(incoming, named.host);
  if (mismatch) return bad(mismatch);
  const reading = readHost(named.host);
  const credential =
    reading.kind === "host" && (named.port ?? 80) === 80 ? context.rules.credential(reading.host) : undefined;
  return {
    host: named.host,
    port: credential?.port ?? named.port ?? 80,
    path: rest.startsWith("/") ? rest : `/${rest}`,
    credential,
  };
}

async function openRequest(
  context: ProxyContext,
  incoming: IncomingMessage,
  target: Target,
  { host, port, addresses }: Allowed,
): Promise<ClientRequest> {
  const common: RequestOptions = {
    host: host.text,
    port,
    path: target.path,
    method: incoming.method,
    lookup: checkedLookup(addresses),
    agent: false,
    setHost: false,
    maxHeaderSize: context.limits.headerBytes,
    insecureHTTPParser: false,
    headers: requestHeaders(incoming, host.text, target),
  };
  if (!target.credential) return requestHttp(common);
  // Not loaded before it is needed: most sessions never are.
  const { request: requestHttps } = await import("node:https");
  const { ca } = context.certificates;
  return requestHttps({
    ...common,
    servername: host.text,
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ...[ca].flat()] }),
  });
}

function requestHeaders(
  incoming: IncomingMessage,
  host: string,
  { port, credential }: Target,
): Record<string, string | string[]> {
  const fields = endToEndFields(incoming.rawHeaders);
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const headers = Object.fromEntries([...names].map((name) => [name, fieldValues(fields, name)]));
  const framing =
    incoming.headers["transfer-encoding"] === undefined ? {} : { "transfer-encoding": "chunked" };
  return {
    host: port === (credential ? 443 : 80) ? bareHost(host) : formatAuthority(host, port),
    ...headers,
    ...framing,
    connection: "close",
    // An encoded body could not be searched for the secret.
    ...(credential ? { "accept-encoding": "identity", ...credential.headers } : {}),
  };
}

function bareHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The head of the response. Rejects when connecting or answering takes too long. */
function responseTo(outgoing: ClientRequest, { limits }: ProxyContext): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = () => outgoing.destroy(new Error("it did not answer in time"));
    const connecting = setTimeout(late, limits.connectMs);
    outgoing.once("socket", (socket) => {
      socket.once("connect", () => {
        clearTimeout(connecting);
        socket.setTimeout(limits.responseHeadMs, late);
      });
    });
    outgoing.once("response", (answered) => {
      answered.socket.setTimeout(limits.idleMs, late);
      resolve(answered);
    });
    outgoing.on("error", reject);
    outgoing.once("close", () => {
      clearTimeout(connecting);
      reject(new Error("it closed the connection without an answer"));
    });
  });
}

async function passBack(answered: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
  const mask = target.credential ? new SecretMask(Object.values(target.credential.headers)) : undefined;
  const encoding = answered.headers["content-encoding"];
  if (mask && encoding !== undefined && encoding !== "identity") {
    answered.destroy();
    throw new Error("it sent an encoded body, which cannot be searched for the credential");
  }
  const fields = endToEndFields(answered.rawHeaders).map(
    ([name, value]): HeaderField => [name, mask ? mask.text(relocated(name, value, target)) : value],
  );
  response.writeHead(answered.statusCode ?? 502, fields.flat());
  if (mask) await pipeline(answered, mask.stream(), response);
  else await pipeline(answered, response);
}

/** Keeps a client that follows a redirect on the same host on the form of the address that gets the credential. */
function relocated(name: string, value: string, target: Target): string {
  if (name.toLowerCase() !== "location" || !URL.canParse(value)) return value;
  const location = new URL(value);
  const same =
    location.protocol === "https:" &&
    location.hostname === target.host.toLowerCase() &&
    Number(location.port || 443) === target.port;
  return same ? `http://${target.host}${location.pathname}${location.search}${location.hash}` : value;
}
