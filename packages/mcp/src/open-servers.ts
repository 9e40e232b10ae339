import type { McpCallOutcome } from "./call-outcome.ts";
import type { ConnectDeps } from "./connect.ts";
import { type McpCallOptions, type McpServerState, ServerConnection } from "./server-connection.ts";
import type { McpServerOptions } from "./server-options.ts";
import type { McpTool } from "./tool-list.ts";

export interface McpServerStatus {
  readonly id: string;
  readonly required: boolean;
  readonly state: McpServerState;
  readonly toolCount: number;
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
  /** In the order in which the servers were given. */
  status(): readonly McpServerStatus[];
  /**
   * Waits until every server is ready or has failed; for those that are not required at most `graceMs`. Tools that a
   * server said have changed are read again. Resolves when `signal` aborts, too.
   */
  settle(options: { signal: AbortSignal; graceMs: number }): Promise<void>;
  /** Ends every server and everything it started. May be called twice. */
  close(): Promise<void>;
}

/** Starts the enabled servers, all at once, and returns at once. The client library is loaded with the first of them. */
export function openMcpServers(configured: readonly McpServerOptions[], deps: ConnectDeps): McpServers {
  const servers = configured.map((options) => new ServerConnection(options, deps));
  const starts = servers.map((server) => server.start());
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await Promise.all(servers.map((server) => server.close()));
    await Promise.all(starts);
  }

  return {
    list: () =>
      [...servers].sort((a, b) => (a.options.id < b.options.id ? -1 : 1)).flatMap((server) => server.tools),
    async call(id, tool, args, options) {
      const server = servers.find((candidate) => candidate.options.id === id);
      if (server !== undefined) return server.call(tool, args, options);
      return { kind: "failed", reason: "not_ready", message: `There is no MCP server ${id}.` };
    },
    status: () =>
      servers.map(({ options, state, tools }) => ({
        id: options.id,
        required: options.required,
        state,
        toolCount: tools.length,
      })),
    settle: (options) => settle(servers, options),
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
