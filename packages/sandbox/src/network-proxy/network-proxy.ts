import { chmodSync, statSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { type AddressCheck, reservedAddress } from "./addresses.ts";
import { type AskAboutHost, Gate, type OnDecision, type Resolve } from "./gate.ts";
import { createHttpDoor } from "./http-door.ts";
import { DEFAULT_PROXY_LIMITS, type ProxyLimits } from "./limits.ts";
import type { ProxyContext } from "./proxy-context.ts";
import { compileRules, type ProxyRules } from "./rules.ts";
import { serveSocks } from "./socks-door.ts";

export interface NetworkProxyOptions {
  readonly rules: ProxyRules;
  /** Without it, hosts that no rule names are refused. */
  readonly ask?: AskAboutHost;
  /** Every decision, before anything is connected. A decision that makes it throw becomes a refusal. */
  readonly onDecision: OnDecision;
  readonly limits?: Partial<ProxyLimits>;
  /** The system's resolver unless given. */
  readonly resolve?: Resolve;
  /** Tells which addresses are out of bounds; tests let loopback stand for the internet. */
  readonly reserved?: AddressCheck;
  /** PEM certificates to trust beside Node's own for requests with added headers. */
  readonly certificates?: readonly string[];
}

/** Counted since the proxy was made. */
export interface ProxyTotals {
  readonly connections: number;
  /** Closed at once because too many were open. */
  readonly turnedAway: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** A door to the hosts that rules and user allow. Owns every connection until `close`. */
export interface NetworkProxy {
  readonly totals: ProxyTotals;
  /**
   * Serves what arrives at a listening socket that was made elsewhere. `end` closes it and its connections. `origin` is
   * asked at each decision.
   */
  adopt(server: Server, origin?: () => string | null): { end(): void };
  /** Listens on a unix socket with mode 0600; its folder must be one that only we may enter. */
  listen(path: string): Promise<void>;
  /** Ends all connections and open questions. May be called twice. */
  close(): Promise<void>;
}

const SOCKS_VERSION = 5;

/** Throws when a rule is not usable; `compileRules` says so without throwing. */
export function createNetworkProxy(options: NetworkProxyOptions): NetworkProxy {
  const compiled = compileRules(options.rules);
  if (compiled.kind === "invalid") throw new Error(compiled.problems.join("\n"));
  return new RunningProxy(options, compiled.rules);
}

class RunningProxy implements NetworkProxy {
  readonly #context: ProxyContext;
  readonly #door: ReturnType<typeof createHttpDoor>;
  readonly #ended = new AbortController();
  readonly #servers = new Set<{ end(): void }>();
  readonly #open = new Set<Socket>();
  readonly #totals = { connections: 0, turnedAway: 0, sentBytes: 0, receivedBytes: 0 };

  constructor(options: NetworkProxyOptions, rules: ProxyContext["rules"]) {
    this.#context = {
      rules,
      limits: { ...DEFAULT_PROXY_LIMITS, ...options.limits },
      certificates: options.certificates ? { ca: [...options.certificates] } : {},
      gate: new Gate({
        rules,
        ask: options.ask,
        resolve: options.resolve ?? resolveBySystem,
        reserved: options.reserved ?? reservedAddress,
        onDecision: options.onDecision,
        signal: this.#ended.signal,
      }),
    };
    this.#door = createHttpDoor(this.#context);
  }

  get totals(): ProxyTotals {
    return { ...this.#totals };
  }

  adopt(server: Server, origin: () => string | null = () => null): { end(): void } {
    const own = new Set<Socket>();
    const onConnection = (socket: Socket) => {
      own.add(socket);
      socket.once("close", () => own.delete(socket));
      this.#accept(socket, origin);
    };
    const service = {
      end: () => {
        if (!this.#servers.delete(service)) return;
        server.off("connection", onConnection);
        server.close();
        for (const socket of own) socket.destroy();
      },
    };
    this.#servers.add(service);
    server.on("connection", onConnection);
    server.on("error", service.end);
    if (this.#ended.signal.aborted) service.end();
    return service;
  }

  async listen(path: string): Promise<void> {
    const folder = statSync(dirname(path));
    if ((folder.mode & 0o077) !== 0) {
      throw new Error(
        `${dirname(path)} can be entered by others (mode ${(folder.mode & 0o777).toString(8)}), so the proxy does not listen there`,
      );
    }
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    });
    chmodSync(path, 0o600);
    this.adopt(server);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    for (const service of [...this.#servers]) service.end();
    const closing = [...this.#open].map((socket) => {
      const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      socket.destroy();
      return gone;
    });
    await Promise.all(closing);
  }

  #accept(socket: Socket, origin: () => string | null): void {
    socket.on("error", () => socket.destroy());
    const { limits } = this.#context;
    if (this.#ended.signal.aborted || this.#open.size >= limits.connections) {
      this.#totals.turnedAway++;
      socket.destroy();
      return;
    }
    this.#totals.connections++;
    this.#open.add(socket);
    // Our peer may have said everything and still be waiting for the answer.
    socket.allowHalfOpen = true;
    socket.setNoDelay(true);
    const gone = new AbortController();
    const deadline = setTimeout(() => socket.destroy(), limits.requestHeadMs);
    const client = {
      socket,
      signal: gone.signal,
      traffic: { sent: 0, received: 0 },
      origin,
      headComplete: () => {
        clearTimeout(deadline);
        socket.setTimeout(limits.idleMs, () => socket.destroy());
      },
    };
    socket.once("close", () => {
      clearTimeout(deadline);
      this.#open.delete(socket);
      gone.abort();
    });
    void this.#serve(client)
      .catch(() => socket.destroy())
      .finally(() => {
        this.#totals.sentBytes += client.traffic.sent;
        this.#totals.receivedBytes += client.traffic.received;
      });
  }

  async #serve(client: Parameters<typeof serveSocks>[1]): Promise<void> {
    const first = await firstByte(client.socket);
    if (first === undefined) client.socket.destroy();
    else if (first === SOCKS_VERSION) await serveSocks(this.#context, client);
    else await this.#door.serve(client);
  }
}

/** Looks at the first byte and leaves it in the socket; undefined when the connection ends before one came. */
function firstByte(socket: Socket): Promise<number | undefined> {
  return new Promise((resolve) => {
    const settle = (byte: number | undefined) => {
      socket.off("readable", look);
      socket.off("end", end);
      socket.off("close", end);
      resolve(byte);
    };
    const look = () => {
      const bytes: Buffer | null = socket.read(1);
      if (bytes === null) return;
      socket.unshift(bytes);
      settle(bytes[0]);
    };
    const end = () => settle(undefined);
    socket.on("readable", look);
    socket.on("end", end);
    socket.on("close", end);
  });
}

export const resolveBySystem: Resolve = async (host) => {
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
};
