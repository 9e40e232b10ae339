import type { ThreadMcp } from "@quire/app-server";
import type { LateTools, Redactor } from "@quire/core";
import type { SandboxDeps } from "@quire/sandbox";
import type { SessionAgent } from "../../subagents/session-agents.ts";
import type { SessionRequest } from "../session-request.ts";
import type { SamplingDesk } from "./mcp-sampling.ts";

/** The MCP servers of one thread, as the thread needs them. */
export interface McpTools {
  readonly lateTools: LateTools;
  /** Null without servers, and for servers of another thread, whose clients reach them there. */
  readonly door: ThreadMcp | null;
  /**
   * For turns in another place or under other settings. In another place every server is started anew; else those that are
   * configured as before stay as they are.
   */
  moveTo(request: SessionRequest): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the configured servers and does not wait for them. Where none is enabled nothing of MCP is even loaded, until the
 * settings have one. Null where servers are not wanted.
 */
export async function openMcpTools(
  request: SessionRequest,
  deps: SandboxDeps,
  redactor: Redactor,
  sampling: SamplingDesk,
): Promise<McpTools | null> {
  if (request.subagent !== undefined) return sharedServers(request.subagent);
  if (request.withoutMcp) return null;
  let closed = false;
  let servers: McpTools | null = null;
  const open = async (wanted: SessionRequest) => {
    if (!hasServers(wanted)) return;
    const { startMcpServers } = await import("./mcp-servers.ts");
    if (!closed) servers = startMcpServers(wanted, deps, redactor, sampling);
  };
  await open(request);
  return {
    lateTools: async (signal) => (await servers?.lateTools(signal)) ?? { tools: [], warnings: [] },
    get door() {
      return servers?.door ?? null;
    },
    moveTo: async (next) => (servers === null ? await open(next) : await servers.moveTo(next)),
    async close() {
      closed = true;
      await servers?.close();
    },
  };
}

function hasServers({ loaded }: SessionRequest): boolean {
  return Object.values(loaded.config.mcpServers).some((server) => server.enabled);
}

/** An agent has the servers of the thread that it works for, which starts and ends them. */
function sharedServers({ mcp, tools: only }: SessionAgent): McpTools | null {
  if (mcp === null) return null;
  return {
    lateTools: async (signal) => {
      const late = await mcp(signal);
      return only === null
        ? late
        : { ...late, tools: late.tools.filter(({ spec }) => only.includes(spec.name)) };
    },
    door: null,
    moveTo: async () => undefined,
    close: async () => undefined,
  };
}
