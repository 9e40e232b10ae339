import type { ErrorInfo, KnownAgent } from "@quire/protocol";
import type { Agent, AgentIdentity } from "./agent.ts";
import type { Mailbox } from "./mailbox.ts";

/** An agent that has done nothing yet. */
export function newAgent(identity: AgentIdentity, asked: Agent["asked"], box: Mailbox): Agent {
  return {
    ...identity,
    asked,
    status: "pendingInit",
    message: null,
    error: null,
    usage: null,
    cost: null,
    hasThread: false,
    thread: null,
    inherited: [],
    box,
    task: null,
    unread: false,
  };
}

/**
 * An agent from before the thread was opened here. What it was at work on when Quire was stopped has no known outcome: that
 * is said, and it is not done again by itself.
 */
export function earlierAgent({ threadId, path, role, status }: KnownAgent, box: Mailbox): Agent {
  const agent = newAgent({ threadId, path, role }, { model: null, effort: null }, box);
  agent.hasThread = status !== "pendingInit";
  if (!wasCutOff({ status })) return { ...agent, status };
  return { ...agent, status: "errored", error: cutOff(status), unread: true };
}

/** Whether an agent was in the middle of something when it was last heard of. */
export function wasCutOff({ status }: Pick<KnownAgent, "status">): boolean {
  return status === "running" || status === "pendingInit";
}

function cutOff(status: KnownAgent["status"]): ErrorInfo {
  const message =
    status === "pendingInit"
      ? "Quire was stopped before this agent began"
      : "Quire was stopped while this agent worked, and how far it came is unknown; it has not been started again";
  return { code: "outcome_unknown", message, retryable: false };
}
