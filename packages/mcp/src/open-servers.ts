import { failed } from "./call-failure.ts";
import type { McpAnswer, McpCallOutcome } from "./call-outcome.ts";
import type { ConnectDeps } from "./connect.ts";
import { type McpCallOptions, ServerConnection } from "./server-connection.ts";
import {
  type ListEntry,
  type ListKind,
  type McpPage,
  type McpResourceContent,
  readContents,
  readPage,
  readWhole,
} from "./server-inventory.ts";
import type { McpServerOptions } from "./server-options.ts";
import type { McpServerFacts, McpServerState } from "./server-state.ts";
import type { McpTool } from "./tool-list.ts";

export interface McpServerStatus {
  readonly id: string;
  readonly required: boolean;
  readonly state: McpServerState;
  readonly toolCount: number;
  /** What it said of itself, now or when it last ran; null when it never did. */
  readonly facts: McpServerFacts | null;
}

/** The servers of one thread. A server that hangs, floods or dies harms only the calls that are made to it. */
export interface McpServers {
  /** Tools of the servers that are ready, by server id and then by name. */
  list(): readonly McpTool[];
  /** Never rejects. A server that ended since it was listed is started again, a few times at most. */
  call(
    server: string,
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: McpCallOptions,
  ): Promise<McpCallOutcome>;
  /** One page of a list that a server keeps. Never rejects. */
  page<K extends ListKind>(
    server: string,
    kind: K,
    cursor: string | null,
    options: McpCallOptions,
  ): Promise<McpAnswer<McpPage<ListEntry<K>>>>;
  /** A whole list, up to a bound; empty when the server keeps none of the kind. Never rejects. */
  inventory<K extends ListKind>(
    server: string,
    kind: K,
    options: McpCallOptions,
  ): Promise<McpAnswer<readonly ListEntry<K>[]>>;
  /** What a resource holds. Never rejects. */
  read(
    server: string,
    uri: string,
    options: McpCallOptions,
  ): Promise<McpAnswer<readonly McpResourceContent[]>>;
  /** In the order in which the servers were given. */
  status(): readonly McpServerStatus[];
  /**
   * Waits until every server is ready or has failed; for those that are not required at most `graceMs`. Tools that a
   * server said have changed are read again. Resolves when `signal` aborts, too.
   */
  settle(options: { signal: AbortSignal; graceMs: number }): Promise<void>;
  /**
   * Other servers: those whose options are the very same object stay as they are, new ones start, and the rest is ended,
   * which is what the promise waits for.
   */
  replace(configured: readonly McpServerOptions[]): Promise<void>;
  /** Ends every server and everything it started. May be called twice. */
  close(): Promise<void>;
}

/** Starts the enabled servers, all at once, and returns at once. The client library is loaded with the first of them. */
export function openMcpServers(configured: readonly McpServerOptions[], deps: ConnectDeps): McpServers {
  let servers: readonly ServerConnection[] = [];
  const ending = new Set<Promise<void>>();
  const find = (id: string) => servers.find(({ options }) => options.id === id);
  const missing = (id: string) => failed("not_ready", `There is no MCP server ${id}.`);
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await Promise.all([...ending, ...servers.map((server) => server.close())]);
  }

  async function replace(wanted: readonly McpServerOptions[]): Promise<void> {
    const before = servers;
    servers = wanted.map(
      (options) => before.find((server) => server.options === options) ?? new ServerConnection(options, deps),
    );
    const fresh = servers.filter((server) => !before.includes(server));
    for (const server of fresh) if (server.state.kind === "starting") void server.start();
    const gone = before.filter((server) => !servers.includes(server));
    const ended = Promise.all(gone.map((server) => server.close())).then(() => undefined);
    ending.add(ended);
    await ended.finally(() => ending.delete(ended));
  }

  void replace(configured);

  return {
    list: () =>
      [...servers].sort((a, b) => (a.options.id < b.options.id ? -1 : 1)).flatMap((server) => server.tools),
    async call(id, tool, args, options) {
      return find(id)?.call(tool, args, options) ?? missing(id);
    },
    async page(id, kind, cursor, options) {
      const server = find(id);
      if (server === undefined) return missing(id);
      return server.ask(`the list of ${kind}`, options, (client, limits) =>
        readPage(client, kind, cursor, limits),
      );
    },
    async inventory(id, kind, options) {
      const server = find(id);
      if (server === undefined) return missing(id);
      const offered = server.facts?.capabilities[kind === "prompts" ? "prompts" : "resources"];
      if (server.facts !== null && offered === undefined) return { kind: "answer", value: [] };
      return server.ask(`the list of ${kind}`, options, (client, limits) => readWhole(client, kind, limits));
    },
    async read(id, uri, options) {
      const server = find(id);
      if (server === undefined) return missing(id);
      return server.ask(`the resource ${uri.slice(0, 200)}`, options, (client, limits) =>
        readContents(client, uri, limits),
      );
    },
    status: () =>
      servers.map(({ options, state, tools, facts }) => ({
        id: options.id,
        required: options.required,
        state,
        toolCount: tools.length,
        facts,
      })),
    settle: (options) => settle(servers, options),
    async replace(wanted) {
      if (closing === null) await replace(wanted);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function settle(
  servers: readonly ServerConnection[],
  { signal, graceMs }: { signal: AbortSignal; graceMs: number },
): Promise<void> {
  const settled = (required: boolean) =>
    Promise.all(
      servers.filter(({ options }) => options.required === required).map((server) => server.refresh()),
    );
  const aborted = abortOf(signal);
  const grace = pause(graceMs);
  const optional = Promise.race([settled(false), grace.over]);
  await Promise.race([Promise.all([settled(true), optional]), aborted.happened]);
  grace.stop();
  aborted.stop();
}

function pause(ms: number): { over: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return { over, stop: () => clearTimeout(timer) };
}

function abortOf(signal: AbortSignal): { happened: Promise<void>; stop: () => void } {
  let stop = () => {};
  const happened = new Promise<void>((resolve) => {
    const listener = () => resolve();
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
    stop = () => signal.removeEventListener("abort", listener);
  });
  return { happened, stop };
}
