import path from "node:path";
import { resolveHome, setConfigValue } from "@quire/config";
import { CodedError, visibleLine, visibleText } from "@quire/protocol";
import { serverBase, threadConfig } from "../engine/thread-config.ts";
import { EXIT } from "../exit-code.ts";
import { entryView } from "../memories/memory-door.ts";
import { MemoryStore, type StoredMemory } from "../memories/memory-store.ts";
import { memoryRoot } from "../memories/project-root.ts";
import type { System } from "../system.ts";
import { parseWords, wrongUse } from "../words.ts";

const HELP = `What later threads know of earlier ones. Off until you switch it on.

Usage: quire memories                          whether they are on, and where they are
       quire memories list [--all] [--json]    those of this project and of all; --all: of every project
       quire memories show ID
       quire memories edit ID                  in $VISUAL or $EDITOR
       quire memories forget ID…               delete, and do not make again
       quire memories reset --yes              delete all of them
       quire memories on | off                 [memories] use_memories and generate_memories in config.toml
       quire memories update                   make them of threads that were not looked at yet, now

Each is a Markdown file below memories in the Quire home; change and delete them as you like.
`;

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
  if (values.help) {
    write(HELP);
    return EXIT.done;
  }
  const home = await resolveHome(system.env, system.homeDir);
  const store = new MemoryStore(home);
  const [action = "status", ...words] = positionals;
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
    default:
      throw wrongUse("memories", "say list, show, edit, forget, reset, on, off or update");
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
  const { makePendingMemories } = await import("../memories/pending-threads.ts");
  const controller = new AbortController();
  const stop = system.onStop(() => controller.abort());
  try {
    const looked = await makePendingMemories(base, config, {
      limit: config.loaded.config.memories.maxThreads,
      idleMs: 0,
      signal: controller.signal,
      onDone: ({ id }, { added, by, skipped }) =>
        system.stdout.write(`${id}: ${skipped ?? `${added} new, by ${by}`}\n`),
    });
    if (looked === 0) system.stdout.write("There is no thread that was not looked at.\n");
    return controller.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    stop();
  }
}
