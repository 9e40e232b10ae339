import { isHttpUrl, type KeyConflict } from "./provider-config.ts";
import type { McpServerConfig, McpTransportConfig } from "./quire-config.ts";
import { copyRecord, mapRecord } from "./record.ts";
import type { ConfigFile } from "./schema/config-file.ts";

type ServerTable = NonNullable<ConfigFile["mcp_servers"]>[string];

/**
 * A server as it is configured, with the default of every key that its table leaves out. Null for one with neither a
 * command nor an address, which `mcpServerConflicts` reports.
 */
export function normaliseMcpServer(table: ServerTable, id: string): McpServerConfig | null {
  const transport = normaliseTransport(table);
  if (transport === null) return null;
  return {
    id,
    transport,
    enabled: table.enabled ?? true,
    required: table.required ?? false,
    startupTimeoutMs: milliseconds(table.startup_timeout_sec) ?? table.startup_timeout_ms ?? null,
    toolTimeoutMs: milliseconds(table.tool_timeout_sec),
    enabledTools: table.enabled_tools ?? null,
    disabledTools: table.disabled_tools ?? [],
    toolTokenBudget: table.tool_token_budget ?? null,
    lazyStart: table.lazy_start ?? true,
    sampling: table.sampling ?? "refuse",
    parallelToolCalls: table.supports_parallel_tool_calls ?? false,
    defaultApproval: table.default_tools_approval_mode ?? "auto",
    toolApproval: mapRecord(table.tools, (tool) => tool.approval_mode ?? "auto"),
  };
}

export function mcpServerConflicts(config: ConfigFile): KeyConflict[] {
  return Object.entries(config.mcp_servers ?? {}).flatMap(([id, server]) => {
    const path = ["mcp_servers", id];
    if (server.command === undefined && server.url === undefined) {
      return [{ path, problem: "needs either command or url" }];
    }
    if (server.command !== undefined && server.url !== undefined) {
      return [{ path, problem: "has both command and url; remove one of the two" }];
    }
    if (server.url !== undefined && !isHttpUrl(server.url)) {
      return [{ path: [...path, "url"], problem: "must be an http:// or https:// address" }];
    }
    return [];
  });
}

function normaliseTransport(table: ServerTable): McpTransportConfig | null {
  if (table.command !== undefined) {
    return {
      kind: "stdio",
      command: table.command,
      args: table.args ?? [],
      env: copyRecord(table.env),
      envVars: (table.env_vars ?? []).map((entry) => (typeof entry === "string" ? entry : entry.name)),
      cwd: table.cwd ?? null,
      sandbox: table.sandbox ?? true,
      networkAccess: table.network_access ?? null,
    };
  }
  if (table.url === undefined) return null;
  return {
    kind: "http",
    url: table.url,
    bearerTokenEnvVar: table.bearer_token_env_var ?? null,
    scopes: table.scopes ?? null,
    oauthResource: table.oauth_resource ?? null,
    oauthClientId: table.oauth?.client_id ?? null,
    httpHeaders: copyRecord(table.http_headers),
    envHttpHeaders: copyRecord(table.env_http_headers),
  };
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds * 1000);
}
