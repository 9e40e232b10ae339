import type { ConfigEdit, MemoryEntry } from "@quire/protocol/app-server";
import { pickDialog } from "../dialogs/pick.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, quietLine, type StyledLine } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { writeConfig } from "./write-config.ts";

const WRONG = "Say /memories, /memories list, on, off, or forget ID.";

export const MEMORIES: SlashCommand = {
  name: "memories",
  help: "what later threads know of earlier ones: whether they do, a list, forget one",
  argument: "[list | on | off | forget ID]",
  whileRunning: true,
  async run(argument, context) {
    const [action = "", ...words] = argument.split(/\s+/);
    const rest = words.join(" ");
    if (action === "forget") await forget(rest, context);
    else if (rest !== "") context.say([lineOf(WRONG, { ink: "bad" })]);
    else if (action === "") await status(context);
    else if (action === "list") await list(context);
    else if (action === "on" || action === "off") await turn(action, context);
    else context.say([lineOf(WRONG, { ink: "bad" })]);
  },
};

async function status({ client, say, thread }: CommandContext): Promise<void> {
  const { cwd } = thread.settings;
  const { useMemories, generateMemories, entries, folder } = await client.request("memory/status", { cwd });
  const word = (isOn: boolean) => (isOn ? "on" : "off");
  say([
    quietLine(`shown to new threads  ${word(useMemories)}`),
    quietLine(`made of threads       ${word(generateMemories)}`),
    quietLine(`${entries} here, in ${safeLine(folder)}`),
  ]);
}

async function list(context: CommandContext): Promise<void> {
  const memories = await memoriesHere(context);
  context.say(
    memories.length === 0 ? [quietLine("There are no memories here.")] : memories.flatMap(memoryLines),
  );
}

async function memoriesHere({ client, thread }: CommandContext): Promise<readonly MemoryEntry[]> {
  return (await client.request("memory/list", { cwd: thread.settings.cwd })).data;
}

/** Both switches at once, so that a failure between them leaves nothing half done. */
async function turn(to: "on" | "off", context: CommandContext): Promise<void> {
  const edits = ["use_memories", "generate_memories"].map(
    (key): ConfigEdit => ({ keyPath: `memories.${key}`, value: to === "on", mergeStrategy: "replace" }),
  );
  await writeConfig(edits, context, `Memories are ${to} from the next thread on. `);
}

/** Without an id it is chosen from a list. */
async function forget(named: string, context: CommandContext): Promise<void> {
  const { client, say } = context;
  const id = named === "" ? await pickMemory(context) : named.replace(/\.md$/, "");
  if (id === null) return;
  const { forgotten } = await client.request("memory/forget", { id });
  const missing = `There is no memory "${safeLine(id)}". /memories list names them.`;
  say([forgotten ? quietLine(`Forgotten: ${safeLine(id)}`) : lineOf(missing, { ink: "bad" })]);
}

async function pickMemory(context: CommandContext): Promise<string | null> {
  const memories = await memoriesHere(context);
  if (memories.length === 0) {
    context.say([quietLine("There are no memories here.")]);
    return null;
  }
  const choices = memories.map((memory) => ({
    label: shown(memory),
    hint: originOf(memory),
    value: memory.id,
  }));
  return context.ask(pickDialog({ title: "Forget which memory?", choices, isSearchable: true }));
}

function memoryLines(memory: MemoryEntry): StyledLine[] {
  return [
    {
      spans: [
        { text: safeLine(memory.id), ink: "accent" },
        { text: ` (${originOf(memory)})`, ink: "muted" },
      ],
    },
    { spans: [{ text: `  ${safeLine(shown(memory))}` }], hanging: [{ text: "  " }] },
  ];
}

function shown({ text }: MemoryEntry): string {
  return text.replace(/\s+/g, " ").trim();
}

function originOf({ threadId, provenance }: MemoryEntry): string {
  if (threadId === null) return "written by a person";
  return provenance === "agent" ? "by the agent, not confirmed" : provenance;
}
