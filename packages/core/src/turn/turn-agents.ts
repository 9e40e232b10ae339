import { CodedError, textMessage } from "@quire/protocol";
import type { AgentScope } from "../agents/agent.ts";
import type { TurnContext } from "./turn-context.ts";
import type { TurnInbox } from "./turn-inbox.ts";

/** What a turn gives its agents: its end is theirs, and what they spend is on its bill. */
export function agentScope(turn: TurnContext, inbox: TurnInbox): AgentScope {
  const { turnId, signal, bill, parts } = turn;
  return {
    signal,
    hasMessages: () => !inbox.isEmpty(),
    history: () => parts.record.history,
    completed: (item) => parts.record.itemCompleted(turnId, item),
    bill: (spent) => bill.addElsewhere(spent),
    outer: turn.budget.asOuter(bill),
  };
}

/**
 * The model has ended its turn: puts what its agents came to before it, once one of them has a result. False when there
 * is nothing left to hear. Fails with `interrupted`.
 */
export async function heardAgents({ parts, signal }: TurnContext): Promise<boolean> {
  const said = await parts.agents?.atStop(signal);
  if (signal.aborted) throw new CodedError("interrupted", "the turn was interrupted");
  if (said === undefined || said === null) return false;
  parts.record.addHistory(said.map((words) => textMessage("user", words)));
  return true;
}

/** What other agents have said meanwhile joins before the next request. */
export function addMail({ parts }: TurnContext): void {
  const said = parts.agents?.takeMail() ?? null;
  if (said !== null) parts.record.addHistory([textMessage("user", said)]);
}
