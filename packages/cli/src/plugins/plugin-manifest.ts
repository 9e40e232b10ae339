import fs from "node:fs";
import path from "node:path";
import { isWithin } from "@quire/protocol";
import * as z from "zod/mini";
import { readPlainText } from "../session/plain-text.ts";

/** Where plugins of Quire, Codex and Claude Code say what they are; the first that is there counts. */
const MANIFESTS = ["plugin.json", ".codex-plugin/plugin.json", ".claude-plugin/plugin.json"];

const paths = z.optional(z.union([z.string(), z.array(z.string())]));
const ManifestSchema = z.object({
  name: z.string().check(z.regex(/^[A-Za-z0-9][\w.-]{0,63}$/)),
  version: z.optional(z.string()),
  description: z.optional(z.string()),
  skills: paths,
  commands: paths,
  hooks: z.optional(z.unknown()),
  mcpServers: z.optional(z.unknown()),
});

/** A server of a plugin, in the words of `.mcp.json`. */
export const PluginServerSchema = z.object({
  command: z.optional(z.string()),
  args: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  cwd: z.optional(z.string()),
  url: z.optional(z.string()),
  headers: z.optional(z.record(z.string(), z.string())),
});
export type PluginServer = z.infer<typeof PluginServerSchema>;

/** What a plugin's folder contributes. All paths are absolute and inside the folder. */
export interface PluginContents {
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  readonly skillFolders: readonly string[];
  readonly promptFiles: readonly string[];
  /** Files that hold `{ "hooks": … }`. */
  readonly hookFiles: readonly string[];
  readonly servers: Readonly<Record<string, PluginServer>>;
}

export type ReadPlugin =
  | { readonly ok: true; readonly plugin: PluginContents }
  | { readonly ok: false; readonly message: string };

/** Reads a plugin's folder in the layout of Codex and Claude Code plugins. Parts of theirs that Quire has not are passed over. */
export function readPlugin(folder: string): ReadPlugin {
  const file = MANIFESTS.map((name) => path.join(folder, name)).find((name) => fs.existsSync(name));
  if (file === undefined) return { ok: false, message: `it holds none of ${MANIFESTS.join(", ")}` };
  const json = readJson(file, folder);
  const parsed = z.safeParse(ManifestSchema, json);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join(".") || "all of it");
    return {
      ok: false,
      message: `its ${path.basename(file)} is not as it should be (${[...new Set(fields)].join(", ")})`,
    };
  }
  const { name, version, description, skills, commands, hooks, mcpServers } = parsed.data;
  const inside = (names: readonly string[]) =>
    [...new Set(names.map((each) => path.resolve(folder, each)))].filter(
      (each) => each !== folder && isWithin(each, folder) && fs.existsSync(each),
    );
  const hookNames = typeof hooks === "string" ? [hooks] : ["hooks/hooks.json", "hooks.json"];
  return {
    ok: true,
    plugin: {
      name,
      version: version ?? null,
      description: description ?? null,
      skillFolders: inside(["skills", ...listOf(skills)]),
      promptFiles: inside(["commands", "prompts", ...listOf(commands)]).flatMap(markdownIn),
      hookFiles: typeof hooks === "object" && hooks !== null ? [file] : inside(hookNames),
      servers: serversOf(typeof mcpServers === "string" ? mcpServers : ".mcp.json", mcpServers, folder),
    },
  };
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === "string" ? [value] : (value ?? []);
}

function markdownIn(place: string): string[] {
  if (!fs.statSync(place).isDirectory()) return place.endsWith(".md") ? [place] : [];
  return fs
    .readdirSync(place)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => path.join(place, name));
}

function serversOf(file: string, inline: unknown, folder: string): Record<string, PluginServer> {
  const read =
    typeof inline === "object" && inline !== null ? inline : readJson(path.join(folder, file), folder);
  const table = typeof read === "object" && read !== null && "mcpServers" in read ? read.mcpServers : read;
  if (typeof table !== "object" || table === null) return {};
  return Object.fromEntries(
    Object.entries(table).flatMap(([id, value]) => {
      const parsed = z.safeParse(PluginServerSchema, substituted(value, folder));
      return parsed.success ? [[id, parsed.data] as const] : [];
    }),
  );
}

/** The folder in the place of the variable by which plugins name it. */
function substituted(value: unknown, folder: string): unknown {
  const text = JSON.stringify(value).replaceAll(/\$\{(?:CLAUDE_)?PLUGIN_ROOT\}/g, () =>
    JSON.stringify(folder).slice(1, -1),
  );
  return JSON.parse(text);
}

/** Null for what is missing or no JSON; the caller knows what that means. */
export function readJson(file: string, inside: string): unknown {
  const text = readPlainText(file, inside);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // As if it were not there: the manifest is then reported, and a list of servers is empty.
    return null;
  }
}
