import { safeLines } from "../text/safe-text.ts";
import { lineOf } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { shellWords } from "./saved-prompt.ts";

interface Report {
  /** Also of the command of the command line that prints it. */
  readonly name: string;
  readonly help: string;
  readonly argument?: string;
  /** What it prints for this thread; `words` are those behind the slash command. */
  print(context: CommandContext, words: readonly string[]): Promise<string>;
}

/** A command of the command line, in the thread's folder. */
const printed =
  (command: string, wordsOf: (context: CommandContext) => readonly string[] = () => []) =>
  (context: CommandContext, words: readonly string[]) =>
    context.reports.run(command, [...wordsOf(context), ...words], context.thread.settings.cwd);

// Of a thread in which nothing was said there is no log yet.
const REPORTS: readonly Report[] = [
  {
    name: "context",
    help: "what the model is sent, piece by piece, and how much of the context it takes",
    print: ({ reports, thread: { isEmpty, id, settings, state } }) =>
      reports.nextRequest({ threadId: isEmpty ? null : id, settings, mode: state.mode }),
  },
  {
    name: "explain",
    help: "what this thread has cost, request by request, and why",
    argument: "[--next]",
    print: printed("explain", ({ thread }) => (thread.isEmpty ? [] : [thread.id])),
  },
  {
    name: "usage",
    help: "what models have cost on this machine",
    argument: "[--by model]",
    print: printed("usage"),
  },
  { name: "skills", help: "the skills that are known here", print: printed("skills", () => ["list"]) },
  { name: "hooks", help: "the hooks that are known here", print: printed("hooks", () => ["list"]) },
  { name: "doctor", help: "check what is needed on this machine", print: printed("doctor") },
];

/** What the command line can print, as slash commands: those that it has. */
export function reportCommands(reports: CommandContext["reports"]): SlashCommand[] {
  return REPORTS.filter(({ name }) => reports.has(name)).map((report) => ({
    name: report.name,
    help: report.help,
    ...(report.argument === undefined ? {} : { argument: report.argument }),
    whileRunning: true,
    async run(argument, context) {
      const text = await report.print(context, shellWords(argument));
      const lines = safeLines(text.replace(/\n+$/, ""));
      context.say(lines.map((line) => ({ ...lineOf(line), verbatim: true })));
    },
  }));
}
