import { isDeepStrictEqual } from "node:util";
import type { McpServerConfig } from "@quire/config";
import { isWorthHiding, type Redactor } from "@quire/core";
import {
  type McpServerOptions,
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

interface Configured {
  readonly config: McpServerConfig;
  readonly options: McpServerOptions;
}

/** The servers in one place. */
interface Running {
  /** The settings of the moment; what decides how servers are confined is the same in all of them. */
  request: SessionRequest;
  /** By id, in the configuration's order. */
  readonly configured: Map<string, Configured>;
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
        await follow(running, next, redactor);
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
  const { pid, now, monotonicMs } = request.system;
  const { home } = request;
  const configured = new Map<string, Configured>();
  const configOf = (id: string) => configured.get(id)?.config;
  const spawner = mcpSpawner(request, deps, configOf);
  const offers = openMcpOffers({ home, pid, now });
  const ended = new AbortController();
  configure(configured, { request, offers, ended }, redactor);
  const askPerson = askWithin(request.askPerson ?? null, () => running.request.approvalPolicy);
  const servers = openMcpServers(optionsIn(configured), {
    spawn: spawner.spawn,
    client: { name: "quire", version: VERSION },
    monotonicMs,
    askPerson,
    sample: askedSampling(sampling, askPerson),
    onSamplingRefused: refusedSampling(sampling),
    onState: (name, state) => tell(request, name, state),
    onTools: (id, offer) => {
      const config = configOf(id);
      if (config !== undefined) offers.write(config, offer);
    },
  });
  const running: Running = {
    request,
    configured,
    servers,
    spawner,
    offers,
    pins: openMcpPins({ home, pid }),
    said: new Set(),
    ended,
  };
  return running;
}

/** The servers of another configuration in the same place; those that it says the same of stay as they are. */
async function follow(running: Running, next: SessionRequest, redactor: Redactor): Promise<void> {
  const { configured, servers, spawner } = running;
  const { mcpServers } = next.loaded.config;
  const gone = [...configured.values()].filter(
    ({ config }) => !isDeepStrictEqual(config, mcpServers[config.id]),
  );
  running.request = next;
  if (gone.length === 0 && Object.keys(mcpServers).length === configured.size) return;
  const closeOld = spawner.renew(gone.map(({ config }) => config.id));
  for (const { config } of gone) configured.delete(config.id);
  configure(configured, running, redactor);
  await servers.replace(optionsIn(configured));
  await closeOld();
}

/** Enters the servers of the configuration; those that are entered keep their options. */
function configure(
  configured: Map<string, Configured>,
  { request, offers, ended }: Pick<Running, "request" | "offers" | "ended">,
  redactor: Redactor,
): void {
  const before = new Map(configured);
  configured.clear();
  for (const config of configsOf(request)) {
    const kept = before.get(config.id);
    if (kept !== undefined) {
      configured.set(config.id, kept);
      continue;
    }
    const tokens = tokensFor(config, request, redactor, ended.signal);
    const options = {
      ...serverOptions(config, request.system.env, redactor, tokens),
      known: config.lazyStart ? (offers.read(config, { fresh: true }) ?? undefined) : undefined,
    };
    configured.set(config.id, { config, options });
  }
}

function optionsIn(configured: ReadonlyMap<string, Configured>): McpServerOptions[] {
  return [...configured.values()].map(({ options }) => options);
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

function configsOf({ loaded }: SessionRequest): McpServerConfig[] {
  return Object.values(loaded.config.mcpServers);
}

/** What decides how servers are confined. */
function placeOf(request: SessionRequest): string {
  const { workspace, loaded } = request;
  const { config } = loaded;
  return JSON.stringify([workspace, config.workspaceWrite, config.network]);
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
    ...unconfinedWarnings(request, configsOf(request)),
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
