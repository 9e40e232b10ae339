import type { McpServerConfig } from "@quire/config";
import { isConfined, type Redactor } from "@quire/core";
import { type McpServerStatus, type McpServers, openMcpServers } from "@quire/mcp";
import { CodedError, visibleLine } from "@quire/protocol";
import type { SandboxDeps } from "@quire/sandbox";
import { createMcpResourceTools, createMcpTools, type McpApproval } from "@quire/tools/mcp";
import { VERSION } from "../version.ts";
import { comparePins } from "./mcp-pins.ts";
import { serverOptions } from "./mcp-server-options.ts";
import { type McpSpawner, mcpSpawner } from "./mcp-spawner.ts";
import type { McpTools } from "./mcp-tools.ts";
import type { SessionRequest, SessionWarning } from "./session-request.ts";

/** The servers under one set of settings. */
interface Running {
  readonly request: SessionRequest;
  readonly servers: McpServers;
  readonly spawner: McpSpawner;
  /** What was said already; a thing is said once for as long as it stays the same. */
  readonly said: Set<string>;
}

export function startMcpServers(request: SessionRequest, deps: SandboxDeps, redactor: Redactor): McpTools {
  let running = start(request, deps, redactor);
  return {
    lateTools: (signal) => lateTools(running, signal),
    async moveTo(next) {
      if (placeOf(next) === placeOf(running.request)) return;
      const old = running;
      running = start(next, deps, redactor);
      await stop(old);
    },
    close: () => stop(running),
  };
}

function start(request: SessionRequest, deps: SandboxDeps, redactor: Redactor): Running {
  const spawner = mcpSpawner(request, deps);
  const { env } = request.system;
  const options = configured(request).map((config) => serverOptions(config, env, redactor));
  const servers = openMcpServers(options, {
    spawn: spawner.spawn,
    client: { name: "quire", version: VERSION },
    monotonicMs: request.system.monotonicMs,
  });
  return { request, servers, spawner, said: new Set() };
}

async function stop({ servers, spawner }: Running): Promise<void> {
  await servers.close();
  await spawner.close();
}

function configured({ loaded }: SessionRequest): McpServerConfig[] {
  return Object.values(loaded.config.mcpServers);
}

/** What decides how servers are confined and which there are. */
function placeOf(request: SessionRequest): string {
  const { workspace, loaded } = request;
  const { config } = loaded;
  return JSON.stringify([workspace, config.mcpServers, config.workspaceWrite, config.network]);
}

async function lateTools(running: Running, signal: AbortSignal): ReturnType<McpTools["lateTools"]> {
  const { request, servers } = running;
  const { config } = request.loaded;
  await servers.settle({ signal, graceMs: config.mcpStartupGraceMs });
  const states = servers.status();
  requireRequired(running, states, signal);
  const approvalOf = (server: string, tool: string): McpApproval => {
    const { toolApproval, defaultApproval } = config.mcpServers[server] ?? {};
    return toolApproval?.[tool] ?? defaultApproval ?? "auto";
  };
  const { tools, leftOut } = createMcpTools({
    servers,
    approvalOf,
    isParallel: (server) => config.mcpServers[server]?.parallelToolCalls ?? false,
  });
  const news = [
    ...unconfinedWarnings(request),
    ...states.flatMap((state) => stateWarning(state, running)),
    ...[...leftOut].map(([server, count]) => ({
      code: "mcp_tools_left_out",
      message: `${count} tools of the MCP server ${server} were left out: all tools of a server may take 64 KiB of every request. Choose those you need with mcp_servers.${server}.enabled_tools.`,
    })),
    ...pinWarnings(running, states),
  ].filter(({ message }) => isNews(running, message));
  return {
    tools: [...tools, ...createMcpResourceTools({ servers, approvalOf })],
    warnings: [...news, ...states.flatMap(startingWarning)],
  };
}

function isNews({ said }: Running, message: string): boolean {
  const news = !said.has(message);
  said.add(message);
  return news;
}

function requireRequired(running: Running, states: readonly McpServerStatus[], signal: AbortSignal): void {
  const missing = states.find(
    ({ required, state }) => required && state.kind !== "ready" && state.kind !== "ended",
  );
  if (missing === undefined || missing.state.kind === "disabled" || signal.aborted) return;
  const why = "message" in missing.state ? missing.state.message : "it is still starting";
  throw new CodedError(
    "mcp_server_failed",
    `the required MCP server ${missing.id} did not start: ${visibleLine(why)}`,
    {
      retryable: true,
      nextStep: nextStep(missing.id, running.request),
    },
  );
}

/** Said in every turn that goes without the server. */
function startingWarning({ id, state }: McpServerStatus): SessionWarning[] {
  if (state.kind !== "starting") return [];
  const message = `The MCP server ${id} is not ready yet, so its tools are missing from this turn. They are added when it is.`;
  return [{ code: "mcp_not_ready", message }];
}

function stateWarning({ id, state }: McpServerStatus, { request }: Running): SessionWarning[] {
  switch (state.kind) {
    case "failed":
      return [
        {
          code: "mcp_not_ready",
          message: `The MCP server ${id} did not start or was given up, so its tools are missing: ${visibleLine(state.message)}. ${nextStep(id, request)}`,
        },
      ];
    case "ready":
      if (state.malformedTools === 0) return [];
      return [
        {
          code: "mcp_tools_malformed",
          message: `${state.malformedTools} tools of the MCP server ${id} are malformed and were left out.`,
        },
      ];
    default:
      return [];
  }
}

/** Most servers that fail here and work elsewhere miss the network or a folder they want to write to. */
function nextStep(id: string, { loaded, workspace }: SessionRequest): string {
  const transport = loaded.config.mcpServers[id]?.transport;
  const confined = transport?.kind === "stdio" && transport.sandbox && isConfined(workspace.sandboxMode);
  return confined
    ? `It runs in the sandbox: mcp_servers.${id}.network_access = true gives it the network, sandbox = false all your rights. mcp_servers.${id}.enabled = false turns it off.`
    : `Correct mcp_servers.${id} in config.toml, or set enabled = false there.`;
}

function unconfinedWarnings(request: SessionRequest): SessionWarning[] {
  if (!isConfined(request.workspace.sandboxMode)) return [];
  return configured(request)
    .filter(({ enabled, transport }) => enabled && transport.kind === "stdio" && !transport.sandbox)
    .map(({ id }) => ({
      code: "mcp_unconfined",
      message: `The MCP server ${id} runs outside the sandbox, with all your rights (mcp_servers.${id}.sandbox = false).`,
    }));
}

function pinWarnings({ request, servers }: Running, states: readonly McpServerStatus[]): SessionWarning[] {
  const { mcpServers } = request.loaded.config;
  const tools = servers.list();
  const ready = states.flatMap(({ id, state }) => {
    const config = mcpServers[id];
    return config === undefined || state.kind !== "ready"
      ? []
      : [{ config, tools: tools.filter(({ server }) => server === id) }];
  });
  try {
    return comparePins({ home: request.home, pid: request.system.pid }, ready);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `What the MCP servers offer could not be remembered, so a change of it will go unnoticed: ${why}`;
    return [{ code: "mcp_pins_unwritable", message }];
  }
}
