export type { AgentAnswer, AgentKind, AgentOffice, AgentStanding, SpawnOrder } from "./agent-office.ts";
export { AGENT_TOOL_NAMES, createAgentTools } from "./agent-tools.ts";
