import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import { archiveThread, deleteThread, unarchiveThread } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { threadLogDeps } from "../session/thread-deps.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";

const HELP = {
  archive: "Put threads out of the way; unarchive brings them back.\n\nUsage: quire archive THREAD…\n",
  unarchive: "Bring archived threads back.\n\nUsage: quire unarchive THREAD…\n",
  delete: "Delete threads for good.\n\nUsage: quire delete --force THREAD…\n",
};
type Action = keyof typeof HELP;

const DONE = { archive: "archived", unarchive: "brought back", delete: "deleted" };

/** `quire archive`, `unarchive` and `delete`: whole threads, by id, the beginning of one, or name. */
export function storedThreadsCommand(action: Action) {
  return async (argv: readonly string[], system: System): Promise<number> => {
    const { values, positionals } = parse(action, argv);
    if (values.help) return showHelp(HELP[action], system);
    if (positionals.length === 0) throw wrongUse(action, `quire ${action} needs a thread`);
    if (action === "delete" && !values.force) {
      throw wrongUse(action, "what is deleted cannot be brought back", "Add --force, or use: quire archive");
    }
    const home = await resolveHome(system.env, system.homeDir);
    for (const wanted of positionals) {
      const id = await run(action, wanted, home, system);
      system.stdout.write(`${id} ${DONE[action]}\n`);
    }
    return EXIT.done;
  };
}

async function run(action: Action, thread: string, home: string, system: System): Promise<string> {
  const deps = threadLogDeps(system, home);
  switch (action) {
    case "archive":
      return (await archiveThread(thread, deps)).id;
    case "unarchive":
      return (await unarchiveThread(thread, deps)).id;
    case "delete":
      return deleteThread(thread, deps);
  }
}

function parse(action: Action, argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: { help: { type: "boolean", short: "h" }, force: { type: "boolean", short: "f" } },
      allowPositionals: true,
      strict: true,
    });
  } catch (cause) {
    throw wrongUse(action, cause instanceof Error ? (cause.message.split(". ")[0] ?? "") : String(cause));
  }
}

function wrongUse(action: Action, message: string, nextStep?: string): CodedError {
  return new CodedError("usage_invalid", message, { nextStep: nextStep ?? `See: quire ${action} --help` });
}
