import fs from "node:fs";
import path from "node:path";
import { CodedError, isWithin, visibleLine } from "@quire/protocol";
import * as z from "zod/mini";
import type { System } from "../system.ts";
import { copyFolder, fetchSource } from "./fetch-source.ts";
import { pinOf, pluginsFolder, readPluginRecord, writePluginRecord } from "./installed-plugins.ts";
import { readJson, readPlugin } from "./plugin-manifest.ts";

const MARKETPLACES = [
  ".agents/plugins/marketplace.json",
  ".claude-plugin/marketplace.json",
  "marketplace.json",
];

const SourceSchema = z.union([
  z.string(),
  z.object({
    source: z.string(),
    path: z.optional(z.string()),
    repo: z.optional(z.string()),
    url: z.optional(z.string()),
    ref: z.optional(z.string()),
  }),
]);
const MarketplaceSchema = z.object({
  plugins: z.array(z.object({ name: z.string(), source: SourceSchema })),
});

export interface PluginRequest {
  /** A folder, a repository, or an address of one; a plugin itself or a marketplace. */
  readonly source: string;
  readonly ref: string | null;
  /** Which plugin of a marketplace. */
  readonly plugin: string | null;
}

interface Place {
  readonly system: System;
  readonly home: string;
}

/** Copies a plugin into the Quire home and pins what it holds. Fails with `usage_invalid`, and then nothing has changed. */
export async function installPlugin(request: PluginRequest, place: Place): Promise<string> {
  const fetched = await fetchSource(request.source, request.ref, place);
  try {
    const found = findPlugin(fetched.folder, request);
    if (typeof found !== "string") return await installPlugin(found, place);
    const read = readPlugin(found);
    if (!read.ok) throw refused(request.source, read.message);
    const { name } = read.plugin;
    const record = readPluginRecord(place.home);
    const folder = path.join(pluginsFolder(place.home), name);
    if (record.plugins[name] !== undefined)
      throw refused(request.source, `there is a plugin ${name} already; remove it first`);
    if (pinOf(found) === null)
      throw refused(request.source, "it holds links that lead out of it, or too much");
    fs.mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
    fs.rmSync(folder, { recursive: true, force: true });
    copyFolder(found, folder);
    const { source, commit } = fetched;
    record.plugins[name] = { source, commit, sha256: pinOf(folder) ?? "", enabled: true };
    writePluginRecord(place.home, record);
    return name;
  } finally {
    fetched.dispose();
  }
}

/** Switches a plugin on, trusting what its folder holds now, or off. */
export function setPluginEnabled(id: string, enabled: boolean, home: string): void {
  const { record, entry } = entryOf(id, home);
  const pin = enabled ? pinOf(path.join(pluginsFolder(home), id)) : entry.sha256;
  if (pin === null) throw refused(id, "its folder cannot be read whole");
  record.plugins[id] = { ...entry, enabled, sha256: pin };
  writePluginRecord(home, record);
}

export function removePlugin(id: string, home: string): void {
  const { record } = entryOf(id, home);
  delete record.plugins[id];
  writePluginRecord(home, record);
  fs.rmSync(path.join(pluginsFolder(home), id), { recursive: true, force: true });
}

function entryOf(id: string, home: string) {
  const record = readPluginRecord(home);
  const entry = Object.hasOwn(record.plugins, id) ? record.plugins[id] : undefined;
  if (entry !== undefined) return { record, entry };
  const known = Object.keys(record.plugins).join(", ") || "none";
  throw new CodedError("usage_invalid", `there is no plugin ${JSON.stringify(id)}; installed: ${known}`, {
    nextStep: "See: quire plugins list",
  });
}

/** The plugin's folder, or where a marketplace says that it is. */
function findPlugin(folder: string, { plugin, source }: PluginRequest): string | PluginRequest {
  const file = MARKETPLACES.map((name) => path.join(folder, name)).find((name) => fs.existsSync(name));
  if (file === undefined || (plugin === null && readPlugin(folder).ok)) return folder;
  const parsed = z.safeParse(MarketplaceSchema, readJson(file, folder));
  if (!parsed.success) throw refused(source, `its ${path.basename(file)} is not as it should be`);
  const { plugins } = parsed.data;
  const entry =
    plugin === null && plugins.length === 1 ? plugins[0] : plugins.find(({ name }) => name === plugin);
  if (entry === undefined) {
    const names = plugins.map(({ name }) => visibleLine(name)).join(", ");
    throw refused(source, `it is a marketplace; say which with --plugin NAME: ${names}`);
  }
  const where = entry.source;
  const local = typeof where === "string" ? where : where.source === "local" ? where.path : undefined;
  if (local !== undefined) {
    const inner = path.resolve(folder, local);
    if (!isWithin(inner, folder)) throw refused(source, "its plugin lies outside of it");
    return inner;
  }
  if (typeof where === "string") throw refused(source, "it does not say where its plugin is");
  const address = where.url ?? (where.repo === undefined ? undefined : `https://github.com/${where.repo}`);
  if (address === undefined || !/^(?:https|ssh):\/\//.test(address))
    throw refused(source, "it does not say where its plugin is");
  const inside = where.path === undefined ? "" : `#${where.path}`;
  return { source: `${address}${inside}`, ref: where.ref ?? null, plugin: null };
}

function refused(source: string, why: string): CodedError {
  return new CodedError("usage_invalid", `${visibleLine(source)} is not installed: ${visibleLine(why)}`);
}
