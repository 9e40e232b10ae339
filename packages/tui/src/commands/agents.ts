import { agentTree } from "../blocks/agents.ts";
import { lineOf } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

export const AGENTS: SlashCommand = {
  name: "agents",
  help: "the agents that this thread has started: role, where they stand, cost",
  whileRunning: true,
  async run(_argument, { say, thread }) {
    const { agents } = thread.state;
    const isEmpty = Object.keys(agents).length === 0;
    const none =
      "This thread has started no agents. [agents] enabled = true in config.toml lets the model do so.";
    say(isEmpty ? [lineOf(none, { ink: "muted" })] : agentTree(agents));
  },
};
