import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import type { ClientDeps } from "../endpoint.ts";

export interface PostTarget {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  connectTimeoutMs: number;
  /** Absent: the client's own keep-alive agent. */
  agent: Agent | undefined;
}

export type PostResult =
  | { kind: "answered"; response: IncomingMessage }
  | {
      kind: "failed";
      cause: Error;
      /** The connection was an old one that the server had closed meanwhile: the request never arrived. */
      staleConnection: boolean;
    };

/** Sends POST requests over connections that it keeps open. */
export interface HttpPoster {
  post(target: PostTarget, signal: AbortSignal): Promise<PostResult>;
  /** Ends every connection, those in use included. */
  close(): void;
}

interface HttpModule {
  request(url: URL, options: RequestOptions): import("node:http").ClientRequest;
}

/** `node:http` or `node:https` is loaded with the first request and only the one that is needed: start-up counts. */
export function createHttpPoster(deps: Pick<ClientDeps, "setTimer">): HttpPoster {
  const ownAgents = new Map<string, Agent>();
  let closed = false;

  async function moduleFor(protocol: string): Promise<{ http: HttpModule; agent: Agent }> {
    const http = protocol === "https:" ? await import("node:https") : await import("node:http");
    let agent = ownAgents.get(protocol);
    if (agent === undefined) {
      agent = new http.Agent({ keepAlive: true, scheduling: "lifo" });
      ownAgents.set(protocol, agent);
      if (closed) agent.destroy();
    }
    return { http, agent };
  }

  return {
    async post(target, signal) {
      const { http, agent } = await moduleFor(target.url.protocol);
      return await send(http, target.agent ?? agent, target, signal, deps);
    },
    close() {
      closed = true;
      for (const agent of ownAgents.values()) agent.destroy();
    },
  };
}

function send(
  http: HttpModule,
  agent: Agent,
  target: PostTarget,
  signal: AbortSignal,
  deps: Pick<ClientDeps, "setTimer">,
): Promise<PostResult> {
  return new Promise((resolve) => {
    const request = http.request(target.url, {
      method: "POST",
      agent,
      signal,
      headers: { ...target.headers, "content-length": String(target.body.length) },
    });
    const stopTimer = deps.setTimer(() => {
      // A request that has no socket yet does not report its end, so the result does not wait for that.
      const cause = new ConnectTimeout(target.connectTimeoutMs);
      resolve({ kind: "failed", cause, staleConnection: false });
      request.destroy(cause);
    }, target.connectTimeoutMs);
    signal.addEventListener("abort", stopTimer, { once: true });
    request.once("socket", (socket) => {
      if (!socket.connecting) stopTimer();
      else socket.once(target.url.protocol === "https:" ? "secureConnect" : "connect", stopTimer);
    });
    request.once("response", (response) => {
      stopTimer();
      resolve({ kind: "answered", response });
    });
    // Stays for the request's whole life: after the response has begun its errors are seen on the response instead.
    request.on("error", (cause: NodeJS.ErrnoException) => {
      stopTimer();
      const reset = cause.code === "ECONNRESET" || cause.code === "EPIPE";
      resolve({ kind: "failed", cause, staleConnection: request.reusedSocket && reset });
    });
    request.end(target.body);
  });
}

class ConnectTimeout extends Error {
  readonly code = "ETIMEDOUT";
  constructor(ms: number) {
    super(`no connection within ${ms} ms`);
    this.name = "ConnectTimeout";
  }
}
