export { createMcpTools, type McpApproval, type McpToolSet, type McpToolsDeps } from "../mcp-tool.ts";
export { createMcpResourceTools, type McpResourceToolsDeps, RESOURCE_TOOL_NAMES } from "./resource-tools.ts";
