import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import { archiveThread, deleteThread, findThreadFile, readThreadNames, unarchiveThread } from "@quire/core";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { threadLogDeps } from "../session/thread-deps.ts";
import type { System } from "../system.ts";

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
    if (values.help) {
      system.stdout.write(HELP[action]);
      return EXIT.done;
    }
    if (positionals.length === 0) throw wrongUse(action, `quire ${action} needs a thread`);
    if (action === "delete" && !values.force) {
      throw wrongUse(action, "what is deleted cannot be brought back", "Add --force, or use: quire archive");
    }
    const home = await resolveHome(system.env, system.homeDir);
    for (const wanted of positionals) {
      const id = await run(action, idOf(home, wanted), home, system);
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

/** A name stands for the thread that has it; of several with one name, for none. */
function idOf(home: string, wanted: string): string {
  const named = [...readThreadNames(home)].filter(
    ([id, name]) => name === wanted && findThreadFile(home, id) !== null,
  );
  const [only, second] = named;
  if (second) {
    const ids = named.map(([id]) => id).join(", ");
    throw new CodedError("thread_not_found", `several threads are named ${JSON.stringify(wanted)}: ${ids}`, {
      nextStep: "Give the id of the one you mean.",
    });
  }
  return only?.[0] ?? wanted;
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
