import type { SlashCommand } from "./command.ts";

const TASK = `Write an AGENTS.md at the root of this repository for agents and newcomers who work on it. If there is one, improve it and keep what is right in it.

First look at the repository itself: its layout, its manifests, its scripts, its continuous integration, its tests and the last commits. Then say, in at most sixty lines of Markdown with short headings:
- what this is, in two sentences;
- where things are, by folder;
- the exact commands to set up, build, check and test, each of which you have seen in the repository, and how to run a single test;
- conventions that the code follows and that somebody new would get wrong;
- what must not be done here.

State nothing that you have not seen. Leave out what any programmer knows.`;

export const INIT: SlashCommand = {
  name: "init",
  help: "have an AGENTS.md written for this repository",
  whileRunning: false,
  async run(_argument, { send }) {
    send(TASK);
  },
};
