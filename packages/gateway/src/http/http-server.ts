import http from "node:http";
import type { AddressInfo } from "node:net";
import { CodedError } from "@quire/protocol";
import { ApiError } from "./api-error.ts";
import { Exchange, type ExchangeDeps, type ExchangeLimits } from "./exchange.ts";
import { type AccessRules, accessProblem } from "./guard.ts";
import { matchRoute, type Route } from "./router.ts";

export interface ServerLimits extends ExchangeLimits {
  maxConnections: number;
  /** Requests that are being answered at one time; more get 503. */
  maxRequests: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = Object.freeze({
  maxBodyBytes: 32 * 1024 * 1024,
  bodyTimeoutMs: 60_000,
  writeTimeoutMs: 60_000,
  maxConnections: 256,
  maxRequests: 64,
});

export interface ServerDeps {
  setTimer: ExchangeDeps["setTimer"];
  /** Faults of the gateway itself; the client only learns that there was one. */
  note: (text: string) => void;
}

export interface ListeningServer {
  readonly host: string;
  readonly port: number;
  /** Stops listening, lets answers end for `graceMs`, then cuts them. May be called twice. */
  close(graceMs: number): Promise<void>;
}

/** A server for these routes. Fails with `usage_invalid` when the address cannot be had. */
export async function listen(
  address: { host: string; port: number },
  config: { routes: readonly Route[]; access: AccessRules; limits: ServerLimits },
  deps: ServerDeps,
): Promise<ListeningServer> {
  const stop = new AbortController();
  let running = 0;
  const idle = new Set<() => void>();
  const server = http.createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 0, keepAliveTimeout: 5_000 },
    (request, response) => {
      running += 1;
      response.once("close", () => {
        running -= 1;
        if (running === 0) for (const wake of idle) wake();
      });
      void answer(
        request,
        response,
        { ...config, busy: running > config.limits.maxRequests },
        stop.signal,
        deps,
      );
    },
  );
  server.maxConnections = config.limits.maxConnections;
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(address, cause)));
    server.listen(address.port, address.host, resolve);
  });
  // `address()` gives text only for pipes, which are never asked for here.
  const bound = server.address() as AddressInfo;
  let closing: Promise<void> | null = null;
  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    if (running > 0) await settled(idle, graceMs, deps.setTimer);
    stop.abort();
    server.closeAllConnections();
    await closed;
  };
  return {
    host: bound.address,
    port: bound.port,
    close(graceMs) {
      closing ??= close(graceMs);
      return closing;
    },
  };
}

interface Answering {
  routes: readonly Route[];
  access: AccessRules;
  limits: ServerLimits;
  busy: boolean;
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  config: Answering,
  stopped: AbortSignal,
  deps: ServerDeps,
): Promise<void> {
  // The client has gone, or the answer is complete, which comes to the same for whoever still works on it.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.on("error", () => gone.abort());
  response.setHeader("x-content-type-options", "nosniff");
  const signal = AbortSignal.any([gone.signal, stopped]);
  const url = parseUrl(request.url);
  const match = url === null ? null : matchRoute(config.routes, request.method ?? "", url.pathname);
  const exchange = new Exchange(
    { request, response },
    {
      params: match?.kind === "found" ? match.params : {},
      query: url?.searchParams ?? new URLSearchParams(),
      signal,
    },
    { limits: config.limits, setTimer: deps.setTimer },
  );
  try {
    const refused = accessProblem(
      request,
      config.access,
      match?.kind === "found" ? match.route.body : undefined,
    );
    if (refused !== null) throw refused;
    if (url === null || match === null) throw new ApiError(400, "The address of the request is not valid.");
    if (match.kind !== "found") throw noRoute(request.method ?? "", url.pathname, match);
    if (config.busy) throw new ApiError(503, "The gateway is at its limit of requests.", { retryAfter: 1 });
    await match.route.handle(exchange);
  } catch (thrown) {
    exchange.error(errorOf(thrown, deps));
  }
}

function parseUrl(target: string | undefined): URL | null {
  try {
    return new URL(target ?? "", "http://gateway.invalid");
  } catch {
    // A request line that is no address; the caller says so.
    return null;
  }
}

function noRoute(
  method: string,
  path: string,
  match: { kind: "wrong-method"; allowed: readonly string[] } | { kind: "unknown" },
): ApiError {
  return match.kind === "wrong-method"
    ? new ApiError(405, `${method} is not possible for ${path}; it takes ${match.allowed.join(", ")}.`, {
        code: "method_not_allowed",
      })
    : new ApiError(404, `There is no ${method} ${path} here.`, { code: "unknown_url" });
}

function errorOf(thrown: unknown, deps: ServerDeps): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const said = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  deps.note(`a request failed: ${said}`);
  return new ApiError(500, "The gateway failed at this request; its log says why.", { code: "internal" });
}

function settled(idle: Set<() => void>, graceMs: number, setTimer: ServerDeps["setTimer"]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      idle.delete(done);
      cancel();
      resolve();
    };
    const cancel = setTimer(done, graceMs);
    idle.add(done);
  });
}

function cannotListen(address: { host: string; port: number }, cause: NodeJS.ErrnoException): CodedError {
  const why =
    cause.code === "EADDRINUSE"
      ? "the port is in use"
      : cause.code === "EACCES"
        ? "not permitted"
        : cause.code === "EADDRNOTAVAIL"
          ? "this machine has no such address"
          : cause.message;
  return new CodedError("usage_invalid", `cannot listen on ${address.host}:${address.port}: ${why}`, {
    cause,
    nextStep: "Give another one with --port; 0, the default, takes a free one.",
  });
}
