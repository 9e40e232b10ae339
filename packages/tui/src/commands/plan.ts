import { LEFT, offerPlan } from "../app/plan-offer.ts";
import { lineOf } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

const BEGUN =
  "Plan mode: the agent looks, asks and proposes; nothing is changed until you approve a plan. /plan off leaves.";
const NO_PLAN = "There is no plan to approve yet. Say what is to be planned; /plan off leaves plan mode.";

export const PLAN: SlashCommand = {
  name: "plan",
  help: "plan first: nothing is changed until you approve; alone, it asks about the plan again",
  argument: "[WHAT TO PLAN | off]",
  whileRunning: false,
  async run(argument, context) {
    const { say, send, thread } = context;
    const isPlanning = thread.state.mode === "plan";
    if (argument === "off") {
      if (isPlanning) await thread.applyChanges("default");
      say([lineOf(isPlanning ? LEFT : "This thread is not in plan mode.", { ink: "muted" })]);
      return;
    }
    if (!isPlanning) await thread.applyChanges("plan");
    if (argument !== "") send(argument);
    else if (isPlanning) await offerLastPlan(context);
    else say([lineOf(BEGUN, { ink: "muted" })]);
  },
};

async function offerLastPlan({ client, ask, say, setText, thread }: CommandContext): Promise<void> {
  const { plan } = await client.request("thread/plan/read", { threadId: thread.id });
  if (plan === null || plan.approved) say([lineOf(NO_PLAN, { ink: "muted" })]);
  else await offerPlan({ thread, itemId: plan.itemId, ask, say, setText });
}
