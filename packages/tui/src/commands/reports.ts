import { safeLines } from "../text/safe-text.ts";
import { lineOf } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { shellWords } from "./saved-prompt.ts";

interface Report {
  readonly name: string;
  readonly help: string;
  /** The command of the command line that prints it. */
  readonly command: string;
  readonly argument?: string;
  /** The words of the command line, for this thread. */
  words(context: CommandContext): readonly string[];
}

/** Of a thread in which nothing was said there is no log yet. */
const ofThread = ({ thread }: CommandContext) => (thread.isEmpty ? [] : [thread.id]);

const REPORTS: readonly Report[] = [
  {
    name: "context",
    help: "what the model is sent, piece by piece, and how much of the context it takes",
    command: "context",
    words: ofThread,
  },
  {
    name: "explain",
    help: "what this thread has cost, request by request, and why",
    command: "explain",
    argument: "[--next]",
    words: ofThread,
  },
  {
    name: "usage",
    help: "what models have cost on this machine",
    command: "usage",
    argument: "[--by model]",
    words: () => [],
  },
  { name: "skills", help: "the skills that are known here", command: "skills", words: () => ["list"] },
  { name: "hooks", help: "the hooks that are known here", command: "hooks", words: () => ["list"] },
  { name: "doctor", help: "check what is needed on this machine", command: "doctor", words: () => [] },
];

/** What the command line can print, as slash commands: those that it has. */
export function reportCommands(reports: CommandContext["reports"]): SlashCommand[] {
  return REPORTS.filter(({ command }) => reports.has(command)).map((report) => ({
    name: report.name,
    help: report.help,
    ...(report.argument === undefined ? {} : { argument: report.argument }),
    whileRunning: true,
    async run(argument, context) {
      const words = [...report.words(context), ...(report.argument ? shellWords(argument) : [])];
      const text = await context.reports.run(report.command, words, context.thread.settings.cwd);
      const lines = safeLines(text.replace(/\n+$/, ""));
      context.say(lines.map((line) => ({ ...lineOf(line), verbatim: true })));
    },
  }));
}
