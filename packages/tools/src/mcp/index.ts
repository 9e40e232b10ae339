export { createMcpTools, type McpApproval, type McpToolSet, type McpToolsDeps } from "../mcp-tool.ts";
export { createMcpResourceTools, type McpResourceToolsDeps } from "./resource-tools.ts";
