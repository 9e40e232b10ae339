import { AgentDesk, wasCutOff } from "@quire/core/agents";
import type { KnownAgent } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import { createAgentTools } from "@quire/tools/agents";
import type { SessionWarning } from "../session/session-request.ts";
import type { ParentFacts, SessionAgents } from "./session-agents.ts";

/** The agents of one session, with the tools that its model works with them by. */
export interface OpenedAgents {
  readonly desk: AgentDesk;
  readonly tools: readonly Tool[];
  /** What a person should know of agents that were there before. */
  readonly warnings: readonly SessionWarning[];
}

export function openSessionAgents(
  { path, family, roles, place, open }: SessionAgents,
  session: {
    threadId: string;
    newId: () => string;
    parent: () => ParentFacts;
    /** Agents that its log tells of. */
    known: readonly KnownAgent[];
  },
): OpenedAgents {
  const desk = new AgentDesk({
    threadId: session.threadId,
    path,
    family,
    threads: { open: (opening) => open(opening, session.parent()) },
    roles: (roles ?? []).map(({ name }) => name),
    place,
    newId: session.newId,
    known: session.known,
  });
  const warnings = session.known.filter(wasCutOff).map(cutOffWarning);
  return { desk, tools: createAgentTools(desk, roles), warnings };
}

function cutOffWarning({ path, threadId }: KnownAgent): SessionWarning {
  const message = `It is unknown how far the agent ${path} came when Quire was stopped, and it was not started again (thread ${threadId}).`;
  return { code: "outcome_unknown", message };
}
