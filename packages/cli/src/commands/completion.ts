import { Writable } from "node:stream";
import type { Command } from "../command-table.ts";
import { type CommandDescription, describeCommand } from "../completion/describe-command.ts";
import { completionScript, type ShellName } from "../completion/scripts.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const SHELLS: readonly ShellName[] = ["bash", "zsh", "fish", "elvish", "powershell"];
const HELP = `Print a completion script.

Usage: quire completion bash | zsh | fish | elvish | powershell

bash:       source <(quire completion bash), for example in ~/.bashrc
zsh:        source <(quire completion zsh), in ~/.zshrc behind compinit
fish:       quire completion fish > ~/.config/fish/completions/quire.fish
elvish:     eval (quire completion elvish | slurp), in rc.elv
powershell: quire completion powershell | Out-String | Invoke-Expression, in $PROFILE
`;

/** `quire completion`. */
export async function runCompletion(
  argv: readonly string[],
  system: System,
  commands: readonly Command[],
): Promise<number> {
  const { values, positionals } = parseWords("completion", argv, { help: { type: "boolean", short: "h" } });
  if (values.help) return showHelp(HELP, system);
  const shell = SHELLS.find((known) => known === positionals[0]);
  if (shell === undefined || positionals.length > 1) {
    throw wrongUse("completion", `give one shell: ${SHELLS.join(", ")}`);
  }
  const described: CommandDescription[] = [];
  for (const command of commands) {
    described.push(describeCommand(command.name, command.summary, await helpOf(command, system)));
  }
  system.stdout.write(completionScript(shell, described));
  return EXIT.done;
}

/** What `--help` of a command prints; nothing when it has none. */
async function helpOf(command: Command, system: System): Promise<string> {
  const pieces: string[] = [];
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      pieces.push(String(chunk));
      done();
    },
  });
  const run = await command.load();
  await run(["--help"], { ...system, stdout, stderr: stdout }).catch(() => EXIT.wrongUse);
  return pieces.join("");
}
