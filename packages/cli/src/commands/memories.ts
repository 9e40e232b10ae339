import path from "node:path";
import { resolveHome, setConfigValue } from "@quire/config";
import { CodedError, visibleLine, visibleText } from "@quire/protocol";
import { type EngineBase, serverBase, type ThreadConfig, threadConfig } from "../engine/thread-config.ts";
import { EXIT } from "../exit-code.ts";
import { entryView } from "../memories/memory-door.ts";
import { MemoryStore, type StoredMemory } from "../memories/memory-store.ts";
import { memoryRoot } from "../memories/project-root.ts";
import type { System } from "../system.ts";
import { parseWords, showHelp, wrongUse } from "../words.ts";

const HELP = `What later threads know of earlier ones. Off until you switch it on.

Usage: quire memories                          whether they are on, and where they are
       quire memories list [--all] [--json]    those of this project and of all; --all: of every project
       quire memories show ID
       quire memories edit ID                  in $VISUAL or $EDITOR
       quire memories forget ID…               delete, and do not make again
       quire memories reset --yes              delete all of them
       quire memories on | off                 [memories] use_memories and generate_memories in config.toml
       quire memories update                   make them of threads that were not looked at yet, now
       quire memories consolidate              let a model name those that others make needless, and forget them

Each is a Markdown file below memories in the Quire home; change and delete them as you like.
`;

/** How many words an action takes; `forget` takes as many as there are. */
const TAKES: Readonly<Record<string, number>> = {
  status: 0,
  list: 0,
  show: 1,
  edit: 1,
  reset: 0,
  on: 0,
  off: 0,
  update: 0,
  consolidate: 0,
};

/** `quire memories`. */
export async function runMemories(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("memories", argv, {
    all: { type: "boolean" },
    json: { type: "boolean" },
    yes: { type: "boolean" },
    config: { type: "string", short: "c", multiple: true },
    help: { type: "boolean", short: "h" },
  });
  const write = (text: string) => system.stdout.write(text);
  if (values.help) return showHelp(HELP, system);
  const home = await resolveHome(system.env, system.homeDir);
  const store = new MemoryStore(home);
  const [action = "status", ...words] = positionals;
  const [extra] = words.slice(TAKES[action] ?? words.length);
  // A word that is passed over is dangerous here: whoever says `reset ID` does not mean all of them.
  if (extra !== undefined) throw wrongUse("memories", `${action} takes no ${JSON.stringify(extra)}`);
  switch (action) {
    case "status":
      return status(store, home, values.config ?? [], system);
    case "list":
      return list(store, { all: values.all ?? false, json: values.json ?? false }, system);
    case "show": {
      const { path: file, threadId, quote, text } = found(store, words[0]);
      const from = threadId === null ? "a person" : `thread ${threadId}`;
      const said = quote === null ? "" : `the user said: ${visibleLine(quote)}\n`;
      write(`${visibleLine(file)}\nfrom ${visibleLine(from)}\n${said}\n${visibleText(text)}\n`);
      return EXIT.done;
    }
    case "edit":
      return edit(found(store, words[0]), system);
    case "forget":
      if (words.length === 0) throw wrongUse("memories", "say which: quire memories list names them");
      for (const id of words) found(store, id);
      for (const id of words) store.forget(id);
      write(`${words.length} forgotten\n`);
      return EXIT.done;
    case "reset":
      if (!values.yes) throw wrongUse("memories", "this deletes every memory of every project; say --yes");
      write(`${store.reset()} forgotten\n`);
      return EXIT.done;
    case "on":
    case "off":
      for (const key of ["use_memories", "generate_memories"]) {
        await setConfigValue(path.join(home, "config.toml"), ["memories", key], action === "on");
      }
      write(`memories are ${action}\n`);
      return EXIT.done;
    case "update":
      return update(home, values.config ?? [], system);
    case "consolidate":
      return consolidate(home, values.config ?? [], system);
    default:
      throw wrongUse("memories", "say list, show, edit, forget, reset, on, off, update or consolidate");
  }
}

async function status(
  store: MemoryStore,
  home: string,
  overrides: readonly string[],
  system: System,
): Promise<number> {
  const { loaded } = await threadConfig(serverBase({ system, home, overrides }), system.cwd, []);
  const { use, generate } = loaded.config.memories;
  const count = store.list(null).length;
  const word = (on: boolean) => (on ? "on" : "off");
  system.stdout.write(
    `shown to new threads  ${word(use)}\nmade of threads       ${word(generate)}\nin ${visibleLine(store.folder)}      ${count}\n`,
  );
  return EXIT.done;
}

function list(store: MemoryStore, { all, json }: { all: boolean; json: boolean }, system: System): number {
  const memories = store.list(all ? null : memoryRoot(system.cwd));
  if (json) {
    system.stdout.write(`${JSON.stringify({ memories: memories.map(entryView) }, null, 2)}\n`);
    return EXIT.done;
  }
  for (const { id, text, provenance, threadId } of memories) {
    const by = threadId === null ? "written by a person" : provenance;
    system.stdout.write(`${visibleLine(id)} (${by})\n  ${visibleLine(text.replace(/\s+/g, " "))}\n`);
  }
  if (memories.length === 0) system.stdout.write("No memories. See: quire memories --help\n");
  return EXIT.done;
}

function found(store: MemoryStore, id: string | undefined): StoredMemory {
  if (id === undefined) throw wrongUse("memories", "say which: quire memories list --all names them");
  const memory = store.find(id.replace(/\.md$/, ""));
  if (memory !== null) return memory;
  throw new CodedError("usage_invalid", `there is no memory ${JSON.stringify(id)}`, {
    nextStep: "See: quire memories list --all",
  });
}

async function edit({ path: file }: StoredMemory, system: System): Promise<number> {
  const editor = system.env.VISUAL || system.env.EDITOR;
  if (!editor) {
    throw new CodedError("usage_invalid", "there is no editor: neither VISUAL nor EDITOR is set", {
      nextStep: `Change the file with any program: ${file}`,
    });
  }
  const { spawnSync } = await import("node:child_process");
  const ended = spawnSync("sh", ["-c", `${editor} "$1"`, "sh", file], { stdio: "inherit", env: system.env });
  return ended.status === 0 ? EXIT.done : EXIT.failed;
}

async function update(home: string, overrides: readonly string[], system: System): Promise<number> {
  const base = serverBase({ system, home, overrides });
  const config = await threadConfig(base, system.cwd, []);
  const { makePendingMemories, wantsConsolidation } = await import("../memories/pending-threads.ts");
  const controller = new AbortController();
  const stop = system.onStop(() => controller.abort());
  try {
    const counts: number[] = [];
    const looked = await makePendingMemories(base, config, {
      limit: config.loaded.config.memories.maxThreads,
      idleMs: 0,
      signal: controller.signal,
      onDone: ({ id }, { added, by, skipped }) => {
        counts.push(added);
        system.stdout.write(`${id}: ${skipped ?? `${added} new, by ${by}`}\n`);
      },
    });
    if (looked === 0) system.stdout.write("There is no thread that was not looked at.\n");
    if (wantsConsolidation(config, counts)) await showConsolidation(base, config, controller.signal, system);
    return controller.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    stop();
  }
}

async function consolidate(home: string, overrides: readonly string[], system: System): Promise<number> {
  const base = serverBase({ system, home, overrides });
  const config = await threadConfig(base, system.cwd, []);
  const controller = new AbortController();
  const stop = system.onStop(() => controller.abort());
  try {
    const isDone = await showConsolidation(base, config, controller.signal, system);
    if (controller.signal.aborted) return EXIT.interrupted;
    return isDone ? EXIT.done : EXIT.failed;
  } finally {
    stop();
  }
}

/** Says what went, in whose place, and what the answer cost. False where there was no answer. */
async function showConsolidation(
  base: EngineBase,
  config: ThreadConfig,
  signal: AbortSignal,
  system: System,
): Promise<boolean> {
  const { consolidateMemories } = await import("../memories/consolidate-memories.ts");
  const { costText } = await import("../exec/summary.ts");
  const outcome = await consolidateMemories(base, config, signal);
  const write = (text: string) => system.stdout.write(`${text}\n`);
  if (outcome.kind === "nothing") write("There are no memories that another one could make needless.");
  if (outcome.kind === "no_answer") {
    system.stderr.write("No model gave an answer that can be used, so all memories stay as they are.\n");
    return false;
  }
  if (outcome.kind === "done") {
    const { dropped, asked, model, cost } = outcome;
    for (const { memory, becauseOf } of dropped) {
      write(`${visibleLine(memory.id)} forgotten, for ${visibleLine(becauseOf)}`);
    }
    write(`${dropped.length} of ${asked} forgotten, by ${visibleLine(model)}, ${costText(cost)}`);
  }
  return true;
}
