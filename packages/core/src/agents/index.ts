/** Agents that a thread's model starts: a door of its own, so that a run without them does not read their code. */
export { AgentDesk, type AgentDeskSetup } from "./agent-desk.ts";
export { AgentFamily } from "./agent-family.ts";
export type { AgentPlace } from "./agent-places.ts";
export { wasCutOff } from "./agents-at-hand.ts";
