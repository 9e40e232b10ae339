import type { AskPerson } from "@quire/mcp";
import type { ApprovalPolicy } from "@quire/protocol";

/** Asks people for servers as far as the approval policy of the moment lets questions through. */
export function askWithin(ask: AskPerson | null, policy: () => ApprovalPolicy): AskPerson {
  return async (server, elicitation, options) => {
    if (ask === null || !mayAsk(policy())) return { action: "decline" };
    return ask(server, elicitation, options);
  };
}

function mayAsk(policy: ApprovalPolicy): boolean {
  if (typeof policy === "string") return policy !== "never";
  return policy.granular.mcp_elicitations !== false;
}
