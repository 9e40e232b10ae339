import type { ThreadMcp } from "@quire/app-server";
import type { LateTools, Redactor } from "@quire/core";
import type { SandboxDeps } from "@quire/sandbox";
import type { SessionAgent } from "../../subagents/session-agents.ts";
import type { SessionRequest } from "../session-request.ts";
import type { SamplingDesk } from "./mcp-sampling.ts";

/** The MCP servers of one thread, as the thread needs them. */
export interface McpTools {
  readonly lateTools: LateTools;
  /** Null for servers of another thread, whose clients reach them there. */
  readonly door: ThreadMcp | null;
  /** For turns in another place or under other settings; servers that run under the old ones are ended. */
  moveTo(request: SessionRequest): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the configured servers and does not wait for them. Null where none is configured: then nothing of MCP is even
 * loaded.
 */
export async function openMcpTools(
  request: SessionRequest,
  deps: SandboxDeps,
  redactor: Redactor,
  sampling: SamplingDesk,
): Promise<McpTools | null> {
  if (request.subagent !== undefined) return sharedServers(request.subagent);
  const servers = Object.values(request.loaded.config.mcpServers);
  if (request.withoutMcp || !servers.some((server) => server.enabled)) return null;
  const { startMcpServers } = await import("./mcp-servers.ts");
  return startMcpServers(request, deps, redactor, sampling);
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
