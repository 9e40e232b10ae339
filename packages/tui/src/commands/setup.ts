import type { ConfigEdit } from "@quire/protocol/app-server";
import type { SetupPorts } from "../app/ports.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, quietLine, type StyledLine } from "../text/styled-line.ts";
import type { CommandContext, SlashCommand } from "./command.ts";
import { writeConfig } from "./write-config.ts";

type SetupContext = Pick<CommandContext, "ask" | "say" | "client" | "open" | "thread"> & {
  readonly setup: SetupPorts;
};

export const SETUP: SlashCommand = {
  name: "setup",
  help: "choose where the model comes from, and see what there is",
  whileRunning: false,
  async run(_argument, context) {
    if (context.setup !== null) await setUp({ ...context, setup: context.setup });
  },
};

/** Asks where the model comes from, writes that to config.toml, and shows what there is. Esc leaves all as it is. */
export async function setUp(context: SetupContext): Promise<void> {
  const edits = await chooseProvider(context);
  context.setup.markDone();
  if (edits !== null && edits.length > 0) await write(edits, context);
  context.say(tourLines());
}

type Source = "openai" | "endpoint" | "local" | "offline";

/** What to write; null when nothing was chosen. */
async function chooseProvider(context: SetupContext): Promise<ConfigEdit[] | null> {
  const source = await context.ask(
    pickDialog<Source>({
      title: "Where should the model come from? (/setup asks again)",
      choices: [
        { label: "OpenAI", hint: "with an API key", value: "openai" },
        { label: "Another endpoint", hint: "an address, with or without a key", value: "endpoint" },
        { label: "A server on this machine", hint: "Ollama, LM Studio, llama.cpp, vLLM", value: "local" },
        {
          label: "No model",
          hint: "the built-in repair engine: no language model, it finds small bugs behind failing tests",
          value: "offline",
        },
      ],
    }),
  );
  switch (source) {
    case null:
      return null;
    case "openai":
      return openai(context);
    case "endpoint":
      return endpoint(context);
    case "local":
      return local(context);
    case "offline":
      return [set("model_provider", null), set("model", "offline-repair")];
  }
}

const OPENAI_VARIABLES = ["CODEX_API_KEY", "OPENAI_API_KEY"];

async function openai(context: SetupContext): Promise<ConfigEdit[] | null> {
  const { ask, say, setup } = context;
  const found = OPENAI_VARIABLES.find((name) => setup.hasVariable(name));
  if (found !== undefined) say([quietLine(`The key is in ${found}.`)]);
  else if (!(await keepKey(context))) return null;
  const model = await ask(readTextDialog({ title: "Which model?", text: "gpt-5.3-codex" }));
  return model ? [set("model_provider", "openai"), set("model", model.trim())] : null;
}

interface LocalServer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
}

const LOCAL: readonly LocalServer[] = [
  // The last one stands for vLLM, llama.cpp and whatever else.
  { id: "ollama", name: "Ollama", url: "http://localhost:11434/v1" },
  { id: "lmstudio", name: "LM Studio", url: "http://localhost:1234/v1" },
  { id: "local", name: "local server", url: "http://localhost:8000/v1" },
];

async function local({ ask }: SetupContext): Promise<ConfigEdit[] | null> {
  const choices = LOCAL.map((value) => ({ label: value.name, hint: value.url, value }));
  const server = await ask(pickDialog({ title: "Which server?", choices }));
  if (server === null) return null;
  const url = await askAddress(ask, server.url);
  if (url === null) return null;
  const model = await ask(readTextDialog({ title: "Which model, as the server names it?" }));
  if (!model) return null;
  return providerEdits(server.id, { name: server.name, base_url: url, wire_api: "chat" }, model);
}

async function endpoint(context: SetupContext): Promise<ConfigEdit[] | null> {
  const { ask } = context;
  const url = await askAddress(ask, "https://");
  if (url === null) return null;
  const wireApi = await ask(
    pickDialog<"responses" | "chat" | "anthropic">({
      title: "Which API does it speak?",
      choices: [
        { label: "Chat Completions", hint: "most endpoints", value: "chat" },
        { label: "Responses", hint: "OpenAI and gateways to it", value: "responses" },
        { label: "Messages", hint: "Anthropic", value: "anthropic" },
      ],
    }),
  );
  if (wireApi === null) return null;
  const model = await ask(readTextDialog({ title: "Which model, as the endpoint names it?" }));
  if (!model) return null;
  const key = await askKey(context, url);
  if (key === null) return null;
  const { host } = new URL(url);
  const id = host.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return providerEdits(id, { name: host, base_url: url, wire_api: wireApi, ...key }, model);
}

/** Until it is an address, or nothing. */
async function askAddress(ask: SetupContext["ask"], first: string): Promise<string | null> {
  let text = first;
  for (let about: StyledLine[] = []; ; ) {
    const written = await ask(readTextDialog({ title: "At which address?", about, text }));
    if (written === null) return null;
    text = written.trim();
    if (/^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
    about = [lineOf("It begins with http:// or https:// and names a host.", { ink: "warn" })];
  }
}

interface KeySettings {
  readonly env_key?: string;
  readonly requires_openai_auth?: boolean;
}

async function askKey(context: SetupContext, url: string): Promise<KeySettings | null> {
  const { ask, say, setup } = context;
  // A variable outranks a kept key and would be sent to this endpoint: then a kept key is no choice.
  const outranking = OPENAI_VARIABLES.find((name) => setup.hasVariable(name));
  const kept = {
    label: "Write it here",
    hint: "kept where quire login keeps it, readable by you alone",
    value: "kept" as const,
  };
  const how = await ask(
    pickDialog<"variable" | "kept" | "none">({
      title: "Where is the key?",
      about:
        outranking === undefined
          ? []
          : [quietLine(`${outranking} is set and would be sent there in place of a key that is kept here.`)],
      choices: [
        {
          label: "In an environment variable",
          hint: "nothing is kept; you say which one",
          value: "variable",
        },
        ...(outranking === undefined ? [kept] : []),
        { label: "It needs none", hint: "", value: "none" },
      ],
    }),
  );
  if (how === null) return null;
  if (how === "none") return {};
  if (how === "kept") return (await keepKey(context)) ? { requires_openai_auth: true } : null;
  const suggested = `${new URL(url).hostname.split(".").at(-2)?.toUpperCase().replace(/\W/g, "_") ?? "MODEL"}_API_KEY`;
  const name = (await ask(readTextDialog({ title: "Which environment variable?", text: suggested })))?.trim();
  if (!name || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return null;
  if (!setup.hasVariable(name)) {
    say([
      lineOf(`${name} is not set here. Set it and start again, such as: export ${name}=…`, { ink: "warn" }),
    ]);
  }
  return { env_key: name };
}

/** False when there is no key, or it could not be kept. */
async function keepKey({ ask, say, setup }: SetupContext): Promise<boolean> {
  const about = [quietLine("It is kept where quire login keeps it and shown nowhere. Esc: not now.")];
  const key = (await ask(readTextDialog({ title: "The API key", about, isSecret: true })))?.trim();
  if (!key) return false;
  if (/\s/.test(key)) {
    say([lineOf("That is not one key: there is a space in it.", { ink: "warn" })]);
    return false;
  }
  say([quietLine(`The key is kept in ${safeLine(await setup.storeKey(key))}.`)]);
  return true;
}

function providerEdits(id: string, table: Record<string, unknown>, model: string): ConfigEdit[] {
  return [
    set("model_provider", id),
    set("model", model.trim()),
    { keyPath: `model_providers.${id}`, value: table, mergeStrategy: "upsert" },
  ];
}

function set(keyPath: string, value: string | null): ConfigEdit {
  return { keyPath, value, mergeStrategy: "replace" };
}

async function write(edits: ConfigEdit[], context: SetupContext): Promise<void> {
  const { open, say, thread } = context;
  await writeConfig(edits, context);
  if (thread.isEmpty) await open({ kind: "new" });
  else say([quietLine("The next thread uses it: /new")]);
}

const TOUR: readonly (readonly [string, string])[] = [
  [
    "Say it",
    "Write what is to be done and press Enter. While the agent works, Enter tells it more, Tab waits.",
  ],
  ["Stay in charge", "/permissions says what may be done unasked. What goes beyond it is asked, one by one."],
  ["Look", "/diff shows the changes, Ctrl-T everything that happened, /context what the model is sent."],
  ["Point", "@ names a file, ! runs a command of your own, Ctrl-V pastes a picture."],
  ["Go back", "Esc stops the agent; Esc Esc takes an earlier message back. Threads are kept: /resume"],
  ["More", "/ lists every command, /help the keys, /setup shows this again."],
];

function tourLines(): StyledLine[] {
  const widest = Math.max(...TOUR.map(([name]) => name.length));
  return TOUR.map(([name, what]) => ({
    spans: [{ text: `  ${name.padEnd(widest)}  `, ink: "accent", bold: true }, { text: what }],
    hanging: [{ text: " ".repeat(widest + 4) }],
  }));
}
