import { MOST_OBJECTIVE_CHARACTERS, type ThreadGoal } from "@quire/protocol";
import { GOAL_STANDS } from "../state/goal.ts";
import { durationText, goalTokensText } from "../text/amounts.ts";
import { safeLines } from "../text/safe-text.ts";
import { lineOf, quietLine, type StyledLine } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";

const NONE = "This thread has no goal. /goal WORDS sets one: turns follow each other until it is reached.";

/** What changes is told by the thread itself, as it is when the agent or another client changes it. */
export const GOAL: SlashCommand = {
  name: "goal",
  help: "what the agent works towards, turn after turn; alone, it says how it stands",
  argument: "[WORDS | pause | resume | clear]",
  whileRunning: true,
  async run(argument, context) {
    switch (argument) {
      case "":
      case "pause":
      case "resume":
      case "clear":
        return withGoal(argument, context);
    }
    const { client, say, thread } = context;
    if (argument.length > MOST_OBJECTIVE_CHARACTERS) {
      const words = `A goal has at most ${MOST_OBJECTIVE_CHARACTERS} characters; these are ${argument.length}.`;
      say([lineOf(`${words} Write the rest to a file and name it.`, { ink: "bad" })]);
      return;
    }
    await thread.applyChanges();
    await client.request("thread/goal/set", { threadId: thread.id, objective: argument });
  },
};

/** What is done with a goal that there is; without words it is shown. */
async function withGoal(
  what: "" | "pause" | "resume" | "clear",
  { client, say, thread }: CommandContext,
): Promise<void> {
  const threadId = thread.id;
  const { goal } = await client.request("thread/goal/get", { threadId });
  if (goal === null) {
    say([quietLine(NONE)]);
    return;
  }
  switch (what) {
    case "":
      say(goalLines(goal));
      return;
    case "pause":
      await client.request("thread/goal/set", { threadId, status: "paused" });
      return;
    case "resume":
      await thread.applyChanges();
      await client.request("thread/goal/set", { threadId, status: "active" });
      return;
    case "clear":
      await client.request("thread/goal/clear", { threadId });
  }
}

function goalLines(goal: ThreadGoal): StyledLine[] {
  const { objective, status, reason } = goal;
  const used = `${goalTokensText(goal)} tokens, ${durationText(goal.timeUsedSeconds * 1000)}`;
  const why = reason ? safeLines(reason).map((line) => quietLine(line)) : [];
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
