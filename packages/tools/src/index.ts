export { BUILTIN_TOOL_NAMES, type BuiltinToolsDeps, createBuiltinTools } from "./builtins.ts";
export { commandItem } from "./command-result.ts";
export type {
  CommandEnd,
  CommandSession,
  OutputFilter,
  SessionFacts,
  StopReason,
} from "./command-sessions/command-session.ts";
export {
  type CommandSessions,
  type CommandSessionsDeps,
  type CommandStarter,
  type Confinement,
  createCommandSessions,
  type SessionStart,
  type SessionSummary,
  type StartRequest,
} from "./command-sessions/command-sessions.ts";
export {
  type ImageRefusal,
  type LoadedImage,
  type LoadImageOptions,
  loadImage,
} from "./image/image-file.ts";
export { type ImageMediaType, sniffImage } from "./image/image-type.ts";
export { MCP_TOOL_NAMES } from "./mcp/reserved-names.ts";
export { type BudgetedText, estimateTokens, truncateMiddle } from "./output-budget.ts";
export type {
  Effect,
  Permit,
  PreparedCall,
  ReadyCall,
  Tool,
  ToolContext,
  ToolInvocation,
  ToolResult,
  WrittenText,
} from "./tool.ts";
