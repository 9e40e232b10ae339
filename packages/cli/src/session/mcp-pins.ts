import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { McpServerConfig } from "@quire/config";
import type { McpTool } from "@quire/mcp";
import * as z from "zod/mini";
import type { SessionWarning } from "./session-request.ts";

/** Lists and not records: names are the servers' own, and some names mean something to an object. */
const PinSchema = z.object({
  id: z.string(),
  /** Of how the server is started or reached. */
  launch: z.string(),
  /** Name, and hash of description, schema and annotations, of each tool; sorted by name. */
  tools: z.array(z.tuple([z.string(), z.string()])),
});
const PinsSchema = z.object({ version: z.literal(1), servers: z.array(PinSchema) });
type Pin = z.infer<typeof PinSchema>;

const SHOWN_NAMES = 10;

/**
 * What the servers were like when they were last used, in `mcp-pins.json` of the home. A server that offers something
 * else than before may be a newer version, or one that was taken over; the user is told once and decides.
 */
export function comparePins(
  { home, pid }: { home: string; pid: number },
  servers: readonly { config: McpServerConfig; tools: readonly McpTool[] }[],
): SessionWarning[] {
  const file = path.join(home, "mcp-pins.json");
  const pins = new Map(readPins(file).map((pin) => [pin.id, pin]));
  const warnings: SessionWarning[] = [];
  let changed = false;
  for (const { config, tools } of servers) {
    const now = pinOf(config, tools);
    const before = pins.get(config.id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(now)) continue;
    if (before !== undefined) warnings.push(changeOf(before, now));
    pins.set(config.id, now);
    changed = true;
  }
  if (changed) writePins(file, [...pins.values()], pid);
  return warnings;
}

function pinOf(config: McpServerConfig, tools: readonly McpTool[]): Pin {
  const byName = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    id: config.id,
    launch: hash(config.transport),
    tools: byName.map(({ name, description, inputSchema, readOnly }) => [
      name,
      hash([description, inputSchema, readOnly]),
    ]),
  };
}

function changeOf(before: Pin, now: Pin): SessionWarning {
  const old = new Map(before.tools);
  const current = new Map(now.tools);
  const names = (tools: Map<string, string>, wanted: (name: string) => boolean) =>
    [...tools.keys()].filter(wanted);
  const kinds = {
    new: names(current, (name) => !old.has(name)),
    gone: names(old, (name) => !current.has(name)),
    changed: names(current, (name) => old.has(name) && old.get(name) !== current.get(name)),
  };
  const parts = Object.entries(kinds)
    .filter(([, list]) => list.length > 0)
    .map(([kind, list]) => `${kind}: ${shown(list)}`);
  if (before.launch !== now.launch) parts.unshift("it is started or reached in another way");
  return {
    code: "mcp_changed",
    message: `The MCP server ${now.id} is not as it was when it was last used (${parts.join("; ")}). If you did not expect this, disable it and look at it before you go on.`,
  };
}

function shown(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return [...names.slice(0, SHOWN_NAMES), ...(more > 0 ? [`${more} more`] : [])].join(", ");
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
  fs.writeFileSync(fresh, `${JSON.stringify({ version: 1, servers }, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(fresh, file);
}
