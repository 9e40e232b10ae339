import type { McpServerConfig } from "@quire/config";
import { isConfined } from "@quire/core";
import type { McpServerStatus } from "@quire/mcp";
import { CodedError, visibleLine } from "@quire/protocol";
import type { SessionRequest, SessionWarning } from "../session-request.ts";

/** Fails with `mcp_server_failed` when a server is missing without which no turn may begin. */
export function requireRequired(request: SessionRequest, states: readonly McpServerStatus[]): void {
  const missing = states.find(
    ({ required, state }) => required && state.kind !== "ready" && state.kind !== "ended",
  );
  if (missing === undefined || missing.state.kind === "disabled") return;
  const why = "message" in missing.state ? missing.state.message : "it is still starting";
  throw new CodedError(
    "mcp_server_failed",
    `the required MCP server ${missing.id} did not start: ${visibleLine(why)}`,
    { retryable: true, nextStep: nextStep(missing.id, request) },
  );
}

/** Said in every turn that goes without the server. */
export function startingWarning({ id, state }: McpServerStatus): SessionWarning[] {
  if (state.kind !== "starting") return [];
  const message = `The MCP server ${id} is not ready yet, so its tools are missing from this turn. They are added when it is.`;
  return [{ code: "mcp_not_ready", message }];
}

export function stateWarning({ id, state }: McpServerStatus, request: SessionRequest): SessionWarning[] {
  switch (state.kind) {
    case "failed":
      return [
        {
          code: "mcp_not_ready",
          message: `The MCP server ${id} did not start or was given up, so its tools are missing: ${visibleLine(state.message)}. ${nextStep(id, request)}`,
        },
      ];
    case "ended": {
      const message = `The MCP server ${id} ended: ${visibleLine(state.message)}. The next call starts it again.`;
      return [{ code: "mcp_server_ended", message }];
    }
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

export function unconfinedWarnings(
  { workspace }: SessionRequest,
  servers: readonly McpServerConfig[],
): SessionWarning[] {
  if (!isConfined(workspace.sandboxMode)) return [];
  return servers
    .filter(({ enabled, transport }) => enabled && transport.kind === "stdio" && !transport.sandbox)
    .map(({ id }) => ({
      code: "mcp_unconfined",
      message: `The MCP server ${id} runs outside the sandbox, with all your rights (mcp_servers.${id}.sandbox = false).`,
    }));
}
