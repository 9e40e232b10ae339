export type { McpCallFailure, McpCallOutcome, McpContent } from "./call-outcome.ts";
export type { ConnectDeps } from "./connect.ts";
export { type McpServerStatus, type McpServers, openMcpServers } from "./open-servers.ts";
export type { McpCallOptions, McpServerState } from "./server-connection.ts";
export {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type McpServerOptions,
  type McpTransportOptions,
} from "./server-options.ts";
export type { ServerProcess, SpawnOutcome, SpawnRequest, SpawnServer } from "./server-process.ts";
export type { McpTool } from "./tool-list.ts";
