import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { McpServerConfig } from "@quire/config";
import { type McpTool, toolDefinition } from "@quire/mcp";
import * as z from "zod/mini";
import type { SessionWarning } from "../session-request.ts";
import { definitionDiff, definitionText } from "./mcp-tool-diff.ts";

/** Lists and not records: names are the servers' own, and some names mean something to an object. */
const PinSchema = z.object({
  id: z.string(),
  /** Of how the server is started or reached. */
  launch: z.string(),
  /** As they were when they were agreed to; those that are gone are kept, so that they cannot come back as others. */
  tools: z.array(
    z.object({ name: z.string(), hash: z.string(), text: z.string(), gone: z.optional(z.boolean()) }),
  ),
});
const PinsSchema = z.object({ version: z.literal(2), servers: z.array(PinSchema) });
type Pin = z.infer<typeof PinSchema>;
type PinnedTool = Pin["tools"][number];

const SHOWN_NAMES = 10;
const MAX_PINNED = 2000;

export interface OfferedTools {
  config: McpServerConfig;
  tools: readonly McpTool[];
}

/** What servers were like when the user last agreed to them, in `mcp-pins.json` of the home. */
export interface McpPins {
  /**
   * Compares what servers offer with it. A server that was never seen is agreed to by using it, and so is a tool that is
   * new; a tool that has changed is not, until {@link agree}. What the user should know is returned.
   */
  compare(servers: readonly OfferedTools[]): SessionWarning[];
  /** How a tool differs from what was agreed to, as of the last comparison; null when it does not. */
  changeOf(server: string, tool: string): string | null;
  /** From now on the tool is as it was at the last comparison. */
  agree(server: string, tool: string): void;
}

export function openMcpPins({ home, pid }: { home: string; pid: number }): McpPins {
  const file = path.join(home, "mcp-pins.json");
  const changes = new Map<string, { tool: McpTool; diff: string }>();
  const keyOf = (server: string, tool: string) => JSON.stringify([server, tool]);
  return {
    compare(servers) {
      const pins = new Map(readPins(file).map((pin) => [pin.id, pin]));
      const before = JSON.stringify([...pins.values()]);
      const warnings: SessionWarning[] = [];
      changes.clear();
      for (const { config, tools } of servers) {
        const compared = comparePin(pins.get(config.id) ?? null, config, tools);
        pins.set(config.id, compared.pin);
        for (const { tool, diff } of compared.changed) {
          changes.set(keyOf(config.id, tool.name), { tool, diff });
        }
        warnings.push(...compared.warnings);
      }
      if (JSON.stringify([...pins.values()]) !== before) writePins(file, [...pins.values()], pid);
      return warnings;
    },
    changeOf: (server, tool) => changes.get(keyOf(server, tool))?.diff ?? null,
    agree(server, name) {
      const change = changes.get(keyOf(server, name));
      if (change === undefined) return;
      const pins = readPins(file).map((pin) =>
        pin.id === server ? { ...pin, tools: replaceTool(pin.tools, pinnedTool(change.tool)) } : pin,
      );
      writePins(file, pins, pid);
      changes.delete(keyOf(server, name));
    },
  };
}

interface Compared {
  pin: Pin;
  changed: { tool: McpTool; diff: string }[];
  warnings: SessionWarning[];
}

function comparePin(before: Pin | null, config: McpServerConfig, tools: readonly McpTool[]): Compared {
  const now = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MAX_PINNED);
  const launch = hash(config.transport);
  if (before === null || before.launch !== launch) {
    const pin = { id: config.id, launch, tools: now.map(pinnedTool) };
    // Who changes the configuration means the server that it names.
    return { pin, changed: [], warnings: before === null ? [] : [movedWarning(config.id)] };
  }
  const pinned = new Map(before.tools.map((tool) => [tool.name, tool]));
  const current = new Set(now.map(({ name }) => name));
  const changed = now.flatMap((tool) => {
    const old = pinned.get(tool.name);
    return old === undefined || old.hash === hash(toolDefinition(tool))
      ? []
      : [{ tool, diff: definitionDiff(old.text, definitionText(tool)) }];
  });
  const fresh = now.filter(({ name }) => !pinned.has(name));
  const gone = before.tools.filter((tool) => tool.gone !== true && !current.has(tool.name));
  const kept = before.tools.map(
    ({ gone: _, ...tool }): PinnedTool => (current.has(tool.name) ? tool : { ...tool, gone: true }),
  );
  const pin = { id: config.id, launch, tools: [...kept, ...fresh.map(pinnedTool)].slice(-MAX_PINNED) };
  const kinds: [string, readonly string[]][] = [
    ["new", fresh.map(({ name }) => name)],
    ["gone", gone.map(({ name }) => name)],
    ["changed", changed.map(({ tool }) => tool.name)],
  ];
  return { pin, changed, warnings: changeWarnings(config.id, kinds) };
}

function movedWarning(id: string): SessionWarning {
  return {
    code: "mcp_changed",
    message: `The MCP server ${id} is not as it was when it was last used (it is started or reached in another way). If you did not expect this, disable it and look at it before you go on.`,
  };
}

function changeWarnings(id: string, kinds: readonly [string, readonly string[]][]): SessionWarning[] {
  const parts = kinds
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind}: ${shown(names)}`);
  if (parts.length === 0) return [];
  const isChanged = kinds.some(([kind, names]) => kind === "changed" && names.length > 0);
  const asked = isChanged
    ? ` Calls of changed tools need your approval, with the difference, until you agree to them there or with quire mcp approve ${id}.`
    : "";
  return [
    {
      code: "mcp_changed",
      message: `The MCP server ${id} is not as it was when it was last used (${parts.join("; ")}). If you did not expect this, disable it and look at it before you go on.${asked}`,
    },
  ];
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return [...names.slice(0, SHOWN_NAMES), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function pinnedTool(tool: McpTool): PinnedTool {
  return { name: tool.name, hash: hash(toolDefinition(tool)), text: definitionText(tool) };
}

function replaceTool(tools: readonly PinnedTool[], tool: PinnedTool): PinnedTool[] {
  return tools.map((old) => (old.name === tool.name ? tool : old));
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function readPins(file: string): Pin[] {
  try {
    const parsed = PinsSchema.safeParse(JSON.parse(fs.readFileSync(file, "utf8")));
    if (parsed.success) return parsed.data.servers;
  } catch {
    // None yet, or not ours any more: then every server counts as seen for the first time.
  }
  return [];
}

/** By a new name, so that another process never reads half a file. The last writer wins; both saw the same servers. */
function writePins(file: string, servers: readonly Pin[], pid: number): void {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${pid}`;
  fs.writeFileSync(fresh, `${JSON.stringify({ version: 2, servers }, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(fresh, file);
}
