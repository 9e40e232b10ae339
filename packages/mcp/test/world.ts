import { fileURLToPath } from "node:url";
import { type ConnectDeps, type McpServerOptions, type McpServers, openMcpServers } from "../src/index.ts";
import { spawnOnHost } from "./spawn-on-host.ts";

const FIXTURE = fileURLToPath(new URL("./fixtures/server.mjs", import.meta.url));

/** A fixture server under the id that is its mode. */
export function fixture(mode: string, more: Partial<McpServerOptions> = {}, args: readonly string[] = []) {
  return {
    id: mode,
    transport: { kind: "stdio", argv: [process.execPath, FIXTURE, mode, ...args], cwd: null, env: {} },
    enabled: true,
    required: false,
    ...more,
  } satisfies McpServerOptions;
}

export interface McpWorld extends AsyncDisposable {
  readonly servers: McpServers;
  /** Pids of server processes that are alive. */
  readonly running: Set<number>;
  settle(graceMs?: number): Promise<void>;
  call(
    server: string,
    tool: string,
    args?: Record<string, unknown>,
    timeoutMs?: number,
  ): ReturnType<McpServers["call"]>;
}

/** What a tool of the fixture that asks the client something was answered; why its call failed, where it did. */
export async function answerTold(
  deps: Partial<ConnectDeps>,
  server: McpServerOptions,
  tool: string,
  args: Record<string, unknown>,
  timeoutMs?: number,
): Promise<unknown> {
  await using world = mcpWorldWith(deps, server);
  await world.settle();
  const outcome = await world.call(server.id, tool, args, timeoutMs);
  if (outcome.kind === "failed") return outcome.reason;
  return JSON.parse(String(outcome.content[0]?.text));
}

export function mcpWorld(...servers: McpServerOptions[]): McpWorld {
  return mcpWorldWith({}, ...servers);
}

export function mcpWorldWith(deps: Partial<ConnectDeps>, ...servers: McpServerOptions[]): McpWorld {
  const { spawn, running } = spawnOnHost();
  const opened = openMcpServers(servers, {
    spawn,
    client: { name: "test", version: "0" },
    monotonicMs: () => performance.now(),
    ...deps,
  });
  return {
    servers: opened,
    running,
    settle: (graceMs = 10_000) => opened.settle({ signal: new AbortController().signal, graceMs }),
    call: (server, tool, args = {}, timeoutMs = 5000) =>
      opened.call(server, tool, args, { signal: new AbortController().signal, timeoutMs }),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}
