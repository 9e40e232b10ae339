import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Write an AGENTS.md from what is found in this repository. No model is asked. Commands are only written down after they were
run, in the sandbox and without a network; how each fact was found out is said on stderr.

Usage: quire init [OPTIONS]

      --dry-run        print it, write nothing
      --no-run         run nothing: commands are written as not tried
      --update         in an existing AGENTS.md replace the sections that are written here, keep the others
      --force          replace an existing AGENTS.md as a whole
      --timeout SEC    limit of each command (default: 120)
  -C, --cd DIR         the repository (default: the one around this directory)

Exit code: 0; 1 when there is an AGENTS.md already, which is then shown as a diff; 2 wrong use; 3 no working sandbox.
`;

/** `quire init`. */
export async function runInit(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("init", argv, {
    "dry-run": { type: "boolean" },
    "no-run": { type: "boolean" },
    update: { type: "boolean" },
    force: { type: "boolean" },
    timeout: { type: "string" },
    cd: { type: "string", short: "C" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  if (positionals.length > 0)
    throw wrongUse("init", `it takes no words such as ${JSON.stringify(positionals[0])}`);
  if (values.update && values.force) throw wrongUse("init", "--update and --force exclude each other");
  const seconds = Number(values.timeout ?? "120");
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) {
    throw wrongUse("init", "--timeout is a number of seconds from 1 to 3600");
  }
  const { initAgents } = await import("../init/init-agents.ts");
  return initAgents(
    {
      cd: values.cd ?? null,
      dryRun: values["dry-run"] ?? false,
      runs: !values["no-run"],
      existing: values.force ? "replace" : values.update ? "update" : "keep",
      timeoutMs: seconds * 1000,
    },
    system,
  );
}
