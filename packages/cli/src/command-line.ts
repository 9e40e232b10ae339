import { errorInfoOf } from "@quire/protocol";
import { COMMANDS, findCommand } from "./command-table.ts";
import { EXIT, exitCodeOf } from "./exit-code.ts";
import { type System, systemOfProcess } from "./system.ts";
import { errorText } from "./terminal/error-text.ts";
import { styleFor } from "./terminal/style.ts";

/** Nothing, options alone, or a prompt: one bare word is rather a command that does not exist. */
function isInteractive(first: string | undefined): boolean {
  return first === undefined || first.startsWith("-") || /\s/.test(first);
}

/** Finds the command, runs it and turns whatever goes wrong into a message and an exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let system: System;
  try {
    system = systemOfProcess();
  } catch {
    process.stderr.write("quire: the current directory does not exist any more; change to one that does\n");
    return EXIT.wrongUse;
  }
  const [name, ...rest] = argv;
  const hasTerminal = system.stdin.isTTY === true && system.stdout.isTTY === true;
  if ((name === undefined && !hasTerminal) || name === "help" || name === "--help" || name === "-h") {
    const { helpText } = await import("./commands/help.ts");
    const topic = name === "help" ? rest[0] : undefined;
    if (topic !== undefined && findCommand(topic)) return runCommandLine([topic, "--help"]);
    if (topic !== undefined) return noSuchCommand(topic, [topic], system);
    system.stdout.write(helpText(COMMANDS));
    return name === undefined ? EXIT.wrongUse : EXIT.done;
  }
  if (name?.startsWith("-")) {
    const { commandFirst } = await import("./leading-options.ts");
    const reordered = commandFirst(argv);
    if (reordered !== null) return runCommandLine(reordered);
  }
  const style = styleFor(system, "auto");
  const command = findCommand(name ?? "");
  const hasReader = hasTerminal || argv.includes("--plain");
  if (!command && !isInteractive(name)) return noSuchCommand(name ?? "", argv, system);
  if (!command && !hasReader) return noTerminal(argv, system);
  try {
    if (command) return await (await command.load())(rest, system);
    const { interactiveCommand } = await import("./commands/interactive.ts");
    return await interactiveCommand("start", findCommand)(argv, system);
  } catch (thrown) {
    const error = errorInfoOf(thrown);
    system.stderr.write(errorText(error, style));
    return exitCodeOf(error);
  }
}

function noTerminal(words: readonly string[], system: System): number {
  const { red } = styleFor(system, "auto");
  const task = words.find((word) => /\s/.test(word)) ?? "TASK";
  system.stderr.write(`${red("quire:")} the terminal interface needs a terminal.\n`);
  system.stderr.write(
    `For a script: quire exec ${JSON.stringify(task)}; with --plain it reads and writes lines. See: quire --help\n`,
  );
  return EXIT.wrongUse;
}

function noSuchCommand(name: string, words: readonly string[], system: System): number {
  const { red } = styleFor(system, "auto");
  system.stderr.write(`${red("quire:")} there is no command ${JSON.stringify(name)}.\n`);
  system.stderr.write(
    `To give a task: quire exec ${JSON.stringify(words.join(" "))}. All commands: quire --help\n`,
  );
  return EXIT.wrongUse;
}
