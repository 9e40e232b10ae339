import type { Command, RunCommand } from "../command-table.ts";
import { EXIT } from "../exit-code.ts";
import { parseInteractiveArguments } from "../interactive/arguments.ts";
import { INTERACTIVE_HELP } from "../interactive/help-text.ts";
import { showHelp } from "../words.ts";

/** `quire [PROMPT]`, `quire resume` and `quire fork`. */
export function interactiveCommand(
  kind: "start" | "resume" | "fork",
  findCommand: (name: string) => Command | undefined,
): RunCommand {
  return async (argv, system) => {
    const args = parseInteractiveArguments(kind, argv);
    if (args.help) return showHelp(INTERACTIVE_HELP, system);
    if (!args.plain && (!system.stdin.isTTY || !system.stdout.isTTY)) {
      system.stderr.write(
        'quire: this needs a terminal for its input and output. In a script: quire exec "…"\n',
      );
      return EXIT.wrongUse;
    }
    const { runInteractive } = await import("../interactive/run-interactive.ts");
    return runInteractive(args, system, findCommand);
  };
}
