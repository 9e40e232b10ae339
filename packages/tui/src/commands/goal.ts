import { MOST_OBJECTIVE_CHARACTERS, type ThreadGoal } from "@quire/protocol";
import { GOAL_STANDS } from "../state/goal.ts";
import { durationText, tokensText } from "../text/amounts.ts";
import { safeLines } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

const NONE = "This thread has no goal. /goal WORDS sets one: turns follow each other until it is reached.";

/** What changes is told by the thread itself, as it is when the agent or another client changes it. */
export const GOAL: SlashCommand = {
  name: "goal",
  help: "what the agent works towards, turn after turn; alone, it says how it stands",
  argument: "[WORDS | pause | resume | clear]",
  whileRunning: true,
  async run(argument, { client, say, thread }) {
    const threadId = thread.id;
    const { goal } = await client.request("thread/goal/get", { threadId });
    switch (argument) {
      case "":
        say(goal === null ? [quiet(NONE)] : goalLines(goal));
        return;
      case "pause":
      case "resume":
        if (goal === null) say([quiet(NONE)]);
        else await setStatus(argument, { client, thread });
        return;
      case "clear":
        if (goal === null) say([quiet(NONE)]);
        else await client.request("thread/goal/clear", { threadId });
        return;
    }
    if (argument.length > MOST_OBJECTIVE_CHARACTERS) {
      const words = `A goal has at most ${MOST_OBJECTIVE_CHARACTERS} characters; these are ${argument.length}.`;
      say([lineOf(`${words} Write the rest to a file and name it.`, { ink: "bad" })]);
      return;
    }
    await thread.applyChanges();
    await client.request("thread/goal/set", { threadId, objective: argument });
  },
};

async function setStatus(
  what: "pause" | "resume",
  { client, thread }: Pick<CommandContext, "client" | "thread">,
): Promise<void> {
  if (what === "resume") await thread.applyChanges();
  const status = what === "pause" ? "paused" : "active";
  await client.request("thread/goal/set", { threadId: thread.id, status });
}

function goalLines({ objective, status, reason, ...goal }: ThreadGoal): StyledLine[] {
  const most = goal.tokenBudget === null ? "" : ` of ${tokensText(goal.tokenBudget)}`;
  const used = `${tokensText(goal.tokensUsed)}${most} tokens, ${durationText(goal.timeUsedSeconds * 1000)}`;
  const why = reason ? safeLines(reason).map((line) => quiet(line)) : [];
  return [
    {
      spans: [
        { text: `goal ${GOAL_STANDS[status]}`, bold: true },
        { text: ` · ${used}`, ink: "muted" },
      ],
    },
    ...why,
    ...safeLines(objective).map((line) => lineOf(line)),
  ];
}

function quiet(text: string): StyledLine {
  return lineOf(text, { ink: "muted" });
}
