import type { Command } from "../command-table.ts";
import { VERSION } from "../version.ts";

/** The top-level help. */
export function helpText(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join("\n");
  return `quire ${VERSION}: a task in words becomes a verified change

Usage: quire COMMAND [ARGUMENTS]

Commands:
${list}

  quire COMMAND --help   more about one command
  quire --version        the version

A first try, in a repository with a failing test:
  quire exec "make the failing test pass"

Without a configured model the built-in offline repair engine does that job; for anything else set OPENAI_API_KEY or
describe a provider in ~/.quire/config.toml.
`;
}
