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
  /** What it prints for this thread; `words` are those behind the slash command. */
  print(context: CommandContext, words: readonly string[]): Promise<string>;
}

/** A command of the command line, in the thread's folder. */
const printed =
  (command: string, wordsOf: (context: CommandContext) => readonly string[] = () => []) =>
  (context: CommandContext, words: readonly string[]) =>
    context.reports.run(command, [...wordsOf(context), ...words], context.thread.settings.cwd);

/** Of a thread in which nothing was said there is no log yet. */
const logOf = ({ isEmpty, id }: CommandContext["thread"]) => (isEmpty ? null : id);

const REPORTS: readonly Report[] = [
  {
    name: "context",
    help: "what the model is sent, piece by piece, and how much of the context it takes",
    command: "context",
    print: ({ reports, thread }) =>
      reports.nextRequest({ threadId: logOf(thread), settings: thread.settings, mode: thread.state.mode }),
  },
  {
    name: "explain",
    help: "what this thread has cost, request by request, and why",
    command: "explain",
    argument: "[--next]",
    print: printed("explain", ({ thread }) => [logOf(thread) ?? []].flat()),
  },
  {
    name: "usage",
    help: "what models have cost on this machine",
    command: "usage",
    argument: "[--by model]",
    print: printed("usage"),
  },
  {
    name: "skills",
    help: "the skills that are known here",
    command: "skills",
    print: printed("skills", () => ["list"]),
  },
  {
    name: "hooks",
    help: "the hooks that are known here",
    command: "hooks",
    print: printed("hooks", () => ["list"]),
  },
  {
    name: "doctor",
    help: "check what is needed on this machine",
    command: "doctor",
    print: printed("doctor"),
  },
];

/** What the command line can print, as slash commands: those that it has. */
export function reportCommands(reports: CommandContext["reports"]): SlashCommand[] {
  return REPORTS.filter(({ command }) => reports.has(command)).map((report) => ({
    name: report.name,
    help: report.help,
    ...(report.argument === undefined ? {} : { argument: report.argument }),
    whileRunning: true,
    async run(argument, context) {
      const text = await report.print(context, report.argument ? shellWords(argument) : []);
      const lines = safeLines(text.replace(/\n+$/, ""));
      context.say(lines.map((line) => ({ ...lineOf(line), verbatim: true })));
    },
  }));
}
