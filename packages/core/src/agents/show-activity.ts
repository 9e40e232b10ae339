import type { SubAgentActivityItem } from "@quire/protocol";
import type { AgentScope } from "./agent.ts";

/** Shows what happens with an agent in the thread of `scope`, if a turn runs there. */
export function showActivity(scope: AgentScope | null, activity: Omit<SubAgentActivityItem, "type">): void {
  try {
    scope?.completed({ type: "subAgentActivity", ...activity });
  } catch {
    // The log cannot be written: the turn that runs meets the same fault and says so.
  }
}
