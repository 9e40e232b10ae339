/** Names of tools that a thread may have because of MCP servers; no tool of a client's may take them. */
export const MCP_TOOL_NAMES: readonly string[] = [
  "list_mcp_resource_templates",
  "list_mcp_resources",
  "mcp_call",
  "read_mcp_resource",
  "tool_search",
];
