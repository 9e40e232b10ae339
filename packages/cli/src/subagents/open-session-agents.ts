import { AgentDesk } from "@quire/core";
import type { Tool } from "@quire/tools";
import { createAgentTools } from "@quire/tools/agents";
import type { ParentFacts, SessionAgents } from "./session-agents.ts";

/** The agents of one session, with the tools that its model works with them by. */
export interface OpenedAgents {
  readonly desk: AgentDesk;
  readonly tools: readonly Tool[];
}

export function openSessionAgents(
  { path, family, roles, place, open }: SessionAgents,
  session: { threadId: string; newId: () => string; parent: () => ParentFacts },
): OpenedAgents {
  const desk = new AgentDesk({
    threadId: session.threadId,
    path,
    family,
    threads: { open: (opening) => open(opening, session.parent()) },
    hasRole: (name) => roles.some((role) => role.name === name),
    place,
    newId: session.newId,
  });
  return { desk, tools: createAgentTools(desk, roles) };
}
