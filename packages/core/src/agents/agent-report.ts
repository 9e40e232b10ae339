import type { CollabAgentState } from "@quire/protocol";
import type { AgentStanding } from "@quire/tools/agents";
import type { Agent } from "./agent.ts";
import { RESULTS_TAG, taggedData } from "./agent-tags.ts";
import { type AgentMail, mailRows } from "./mailbox.ts";

/** Characters that one result, and all of one report, may take of the context. */
const MOST_RESULT = 8000;
const MOST_REPORT = 32_000;
/** Characters of an answer that items and logs of the parent keep. */
const MOST_STATE = 2000;

export function standingOf(agent: Agent): AgentStanding {
  return { threadId: agent.threadId, state: stateOf(agent) };
}

export function stateOf(agent: Agent): CollabAgentState {
  const { status, message, path, role, error, usage, cost } = agent;
  const said = message ?? error?.message ?? null;
  return {
    status,
    message: said === null ? null : middleCut(said, MOST_STATE, ""),
    path,
    role,
    ...(error === null ? {} : { error }),
    ...(usage === null ? {} : { usage }),
    ...(cost === null ? {} : { cost }),
  };
}

/** What agents came to, for the model. Data in JSON, so that no answer can pass for words of somebody else's. */
export function reportText(
  agents: readonly Agent[],
  working: readonly Agent[],
  { note, mail = [] }: { note?: string | undefined; mail?: readonly AgentMail[] } = {},
): string {
  const share = Math.min(MOST_RESULT, Math.floor(MOST_REPORT / Math.max(1, agents.length)));
  return taggedData({
    ...(note === undefined ? {} : { note }),
    results: agents.map((agent) => resultOf(agent, share)),
    ...(mail.length === 0 ? {} : { messages: mailRows(mail) }),
    still_working: working.map(({ path }) => path),
  });
}

/** The same as a message of its own. */
export function resultsText(agents: readonly Agent[], working: readonly Agent[]): string {
  return `${RESULTS_TAG}\n${reportText(agents, working)}\n</agent_results>`;
}

/** What one agent came to, within `share` characters. */
export function resultOf(agent: Agent, share = MOST_RESULT): Record<string, unknown> {
  const { path, status, message, error, thread } = agent;
  const log = thread?.log ?? null;
  const where = log === null ? "" : `; all of it: ${log}`;
  return {
    agent: path,
    status,
    ...(message === null ? {} : { result: middleCut(message, share, where) }),
    ...(error === null ? {} : { error: error.code, reason: middleCut(error.message, share, "") }),
    ...(log === null ? {} : { log }),
  };
}

export function middleCut(text: string, most: number, where: string): string {
  if (text.length <= most) return text;
  const head = Math.floor(most * 0.6);
  const tail = most - head;
  const left = text.length - most;
  return `${text.slice(0, head)}\n[… ${left} characters left out${where} …]\n${text.slice(-tail)}`;
}
