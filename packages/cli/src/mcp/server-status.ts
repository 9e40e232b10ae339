import type { McpServerConfig } from "@quire/config";
import type { ListKind, McpServerOffer, McpServers, McpServerStatus as McpState } from "@quire/mcp";
import type { McpConnectionStatus, McpServerStatus } from "@quire/protocol/app-server";
import type { McpOffers } from "../session/mcp/mcp-offers.ts";
import type { SessionRequest } from "../session/session-request.ts";
import { authStatus } from "./oauth-server.ts";

/** A server as a thread has it. */
export interface LiveServer {
  readonly status: McpState;
  readonly servers: McpServers;
  /** Whether it is asked for what it keeps beside tools, where it runs. */
  readonly full: boolean;
  readonly signal: AbortSignal;
}

/** One server in the words of the app-server; without `live` from the configuration and what is known from earlier. */
export async function statusOf(
  config: McpServerConfig,
  request: Pick<SessionRequest, "home" | "loaded">,
  offers: McpOffers,
  live: LiveServer | null,
): Promise<McpServerStatus> {
  const offer = offerOf(config, offers, live);
  const kept = live?.full && live.status.state.kind === "ready" ? await keptBy(live) : null;
  const { facts = null } = offer ?? {};
  return {
    name: config.id,
    runtimeStatus: live === null ? null : connectionStatus(live.status.state),
    pluginId: null,
    httpOrigin: config.transport.kind === "http" ? new URL(config.transport.url).origin : null,
    serverInfo:
      facts === null
        ? null
        : {
            name: facts.name,
            title: null,
            version: facts.version,
            description: null,
            icons: null,
            websiteUrl: null,
          },
    serverCapabilities: facts?.capabilities ?? null,
    toolListMeta: null,
    tools: toolsOf(offer),
    toolsError: offer === null ? whyUnknown(live) : null,
    resources: [...(kept?.resources ?? [])],
    resourceTemplates: [...(kept?.templates ?? [])],
    prompts: [...(kept?.prompts ?? [])],
    authStatus: authStatus(config, request.home, request.loaded.config),
  };
}

function offerOf(config: McpServerConfig, offers: McpOffers, live: LiveServer | null): McpServerOffer | null {
  const facts = live?.status.facts ?? null;
  if (live === null || facts === null) return offers.read(config, { fresh: false });
  return { facts, tools: live.servers.list().filter(({ server }) => server === config.id) };
}

function toolsOf(offer: McpServerOffer | null): McpServerStatus["tools"] {
  // Names are the servers' own, and some names mean something to an object.
  const tools: McpServerStatus["tools"] = Object.create(null);
  for (const { name, description, inputSchema, readOnly } of offer?.tools ?? []) {
    tools[name] = { name, description, inputSchema, annotations: { readOnlyHint: readOnly } };
  }
  return tools;
}

async function keptBy({ servers, status: { id }, signal }: LiveServer) {
  const list = async <K extends ListKind>(kind: K) => {
    const answer = await servers.inventory(id, kind, { signal, timeoutMs: 5000 });
    // A list that a server does not give is empty here; reading it in the thread says why.
    return answer.kind === "answer" ? answer.value : [];
  };
  const [resources, templates, prompts] = await Promise.all([
    list("resources"),
    list("templates"),
    list("prompts"),
  ]);
  return { resources, templates, prompts };
}

function whyUnknown(live: LiveServer | null): string {
  const state = live?.status.state;
  if (state !== undefined && "message" in state) return state.message;
  return "it has not run yet";
}

function connectionStatus(state: McpState["state"]): McpConnectionStatus {
  switch (state.kind) {
    case "known":
    case "ended":
      return "notStarted";
    case "ready":
      return "connected";
    case "failed":
      return state.needsSignIn ? "authenticationRequired" : "failed";
    default:
      return state.kind;
  }
}
