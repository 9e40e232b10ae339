import { resolveHome } from "@quire/config";
import { findLastThread, findThread } from "@quire/core";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `Do a thread's file changes again in this tree: all of them or none.

Usage: quire apply [THREAD | --last] [OPTIONS]

  --last          the newest thread of this directory (the default)
  --check         only say whether it would work
  -C, --cd DIR    the tree to change

Every line around a change has to be there as it was; line numbers may have moved. What commands changed is not part of
it, only what patches did. Exit code: 0 done, 1 it does not apply and nothing was changed, 2 wrong use.
`;

/** `quire apply`. */
export async function runApply(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("apply", argv, {
    last: { type: "boolean" },
    check: { type: "boolean" },
    cd: { type: "string", short: "C" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return showHelp(HELP, system);
  const [wanted, extra] = positionals;
  if (extra !== undefined || (wanted !== undefined && values.last)) {
    throw wrongUse("apply", "give one thread, or --last");
  }
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, values.cd ?? null);
  const thread = wanted === undefined ? findLastThread(home, cwd) : findThread(home, wanted);
  const { applyThread } = await import("../apply/run-apply.ts");
  return applyThread({ thread, cwd, check: values.check ?? false }, system);
}
