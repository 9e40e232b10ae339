import type { McpServerConfig } from "@quire/config";
import { isWorthHiding, type Redactor } from "@quire/core";
import {
  type McpServerState,
  type McpServers,
  openMcpServers,
  type TokenSource,
  tokenSource,
} from "@quire/mcp";
import type { SandboxDeps } from "@quire/sandbox";
import { createMcpResourceTools, createMcpTools, type McpApproval } from "@quire/tools/mcp";
import { openLoginStore } from "../../mcp/login-store.ts";
import { mcpDoor } from "../../mcp/mcp-door.ts";
import { oauthServer } from "../../mcp/oauth-server.ts";
import { VERSION } from "../../version.ts";
import type { SessionRequest, SessionWarning } from "../session-request.ts";
import { askWithin } from "./mcp-elicitation.ts";
import { type McpOffers, openMcpOffers } from "./mcp-offers.ts";
import { type McpPins, openMcpPins } from "./mcp-pins.ts";
import { askedSampling, refusedSampling, type SamplingDesk } from "./mcp-sampling.ts";
import { serverOptions } from "./mcp-server-options.ts";
import { type McpSpawner, mcpSpawner } from "./mcp-spawner.ts";
import type { McpTools } from "./mcp-tools.ts";
import { requireRequired, startingWarning, stateWarning, unconfinedWarnings } from "./mcp-warnings.ts";

/** The servers under one set of settings. */
interface Running {
  /** The settings of the moment; what decides how servers run is the same in all of them. */
  request: SessionRequest;
  readonly servers: McpServers;
  readonly spawner: McpSpawner;
  readonly offers: McpOffers;
  readonly pins: McpPins;
  /** What was said already; a thing is said once for as long as it stays the same. */
  readonly said: Set<string>;
  /** Aborts what still renews tokens. */
  readonly ended: AbortController;
}

export function startMcpServers(
  request: SessionRequest,
  deps: SandboxDeps,
  redactor: Redactor,
  sampling: SamplingDesk,
): McpTools {
  let running = start(request, deps, redactor, sampling);
  return {
    lateTools: (signal) => lateTools(running, signal),
    door: mcpDoor(() => running),
    async moveTo(next) {
      if (placeOf(next) === placeOf(running.request)) {
        running.request = next;
        return;
      }
      const old = running;
      running = start(next, deps, redactor, sampling);
      await stop(old);
    },
    close: () => stop(running),
  };
}

function start(
  request: SessionRequest,
  deps: SandboxDeps,
  redactor: Redactor,
  sampling: SamplingDesk,
): Running {
  const { env, pid, now, monotonicMs } = request.system;
  const { home } = request;
  const spawner = mcpSpawner(request, deps);
  const offers = openMcpOffers({ home, pid, now });
  const configs = configured(request);
  const ended = new AbortController();
  const options = configs.map((config) => ({
    ...serverOptions(config, env, redactor, tokensFor(config, request, redactor, ended.signal)),
    known: config.lazyStart ? (offers.read(config, { fresh: true }) ?? undefined) : undefined,
  }));
  const askPerson = askWithin(request.askPerson ?? null, () => running.request.approvalPolicy);
  const servers = openMcpServers(options, {
    spawn: spawner.spawn,
    client: { name: "quire", version: VERSION },
    monotonicMs,
    askPerson,
    sample: askedSampling(sampling, askPerson),
    onSamplingRefused: refusedSampling(sampling),
    onState: (name, state) => tell(request, name, state),
    onTools: (id, offer) => {
      const config = configs.find((candidate) => candidate.id === id);
      if (config !== undefined) offers.write(config, offer);
    },
  });
  const running: Running = {
    request,
    servers,
    spawner,
    offers,
    pins: openMcpPins({ home, pid }),
    said: new Set(),
    ended,
  };
  return running;
}

/** Of a server that the user signs in to; every token that comes of it is kept out of logs. */
function tokensFor(
  config: McpServerConfig,
  { home, loaded, system }: SessionRequest,
  redactor: Redactor,
  signal: AbortSignal,
): TokenSource | undefined {
  const server = oauthServer(config);
  if (server === null) return undefined;
  return tokenSource(server, {
    store: openLoginStore(home, loaded.config.mcpOauthStore),
    now: system.now,
    signal,
    onToken: (value) => {
      if (isWorthHiding(value)) redactor.learn({ name: "MCP_TOKEN", value });
    },
  });
}

/** What Codex's clients know of a server's states; the others are no news to them. */
function tell({ onMcpStatus }: SessionRequest, name: string, state: McpServerState): void {
  const error = "message" in state ? state.message : null;
  if (state.kind === "starting" || state.kind === "ready") {
    onMcpStatus?.({ name, status: state.kind, error, failureReason: null });
  } else if (state.kind === "failed" || state.kind === "ended") {
    const failureReason = state.kind === "failed" && state.needsSignIn ? "reauthenticationRequired" : null;
    onMcpStatus?.({ name, status: "failed", error, failureReason });
  }
}

async function stop({ servers, spawner, ended }: Running): Promise<void> {
  ended.abort();
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
  const { request, servers, pins } = running;
  const { config } = request.loaded;
  await servers.settle({ signal, graceMs: config.mcpStartupGraceMs });
  const states = servers.status();
  if (!signal.aborted) requireRequired(request, states);
  const changes = pinWarnings(running);
  const approvalOf = (server: string, tool: string): McpApproval => {
    const { toolApproval, defaultApproval } = config.mcpServers[server] ?? {};
    return toolApproval?.[tool] ?? defaultApproval ?? "auto";
  };
  const { tools } = createMcpTools({
    servers,
    approvalOf,
    isParallel: (server) => config.mcpServers[server]?.parallelToolCalls ?? false,
    tokenBudgetOf: (server) => config.mcpServers[server]?.toolTokenBudget ?? null,
    changeOf: pins.changeOf,
    onAgreed: pins.agree,
  });
  const news = [
    ...unconfinedWarnings(request, configured(request)),
    ...states.flatMap((state) => stateWarning(state, request)),
    ...changes,
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

function pinWarnings({ request, servers, pins }: Running): SessionWarning[] {
  const { mcpServers } = request.loaded.config;
  const tools = servers.list();
  const there = servers.status().flatMap(({ id, state }) => {
    const config = mcpServers[id];
    return config === undefined || (state.kind !== "ready" && state.kind !== "known")
      ? []
      : [{ config, tools: tools.filter(({ server }) => server === id) }];
  });
  try {
    return pins.compare(there);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const message = `What the MCP servers offer could not be remembered, so a change of it will go unnoticed: ${why}`;
    return [{ code: "mcp_pins_unwritable", message }];
  }
}
