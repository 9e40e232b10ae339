export type { Effect, Permit, PreparedCall, ReadyCall, Tool, ToolContext, ToolInvocation, ToolResult } from "./tool.ts";
