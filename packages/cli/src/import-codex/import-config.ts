import fs from "node:fs";
import path from "node:path";
import { formatKeyPath, loadConfig, parseToml, setConfigValue, type TomlValue } from "@quire/config";
import type { ImportEntry } from "./report.ts";

type Table = { readonly [key: string]: unknown };

/** Tables whose entries stand for themselves: one MCP server that is here already does not keep another one away. */
const TABLES_OF_ENTRIES = new Set(["mcp_servers", "model_providers", "features", "tools", "tui", "agents"]);

/** What is asked for anew, or what means something else here. */
const NOT_TAKEN: Readonly<Record<string, string>> = {
  projects: "trust in projects is asked for anew",
  hooks: "hooks run commands; write those that you want yourself",
  notify: "it runs a program; write it yourself if you want it",
};

/** Takes over the keys of config.toml that mean something here and that are not set yet. */
export async function importConfig(from: string, home: string, dryRun: boolean): Promise<ImportEntry[]> {
  const theirs = await readTable(path.join(from, "config.toml"));
  if (theirs === null) return [];
  if (typeof theirs === "string") return [entry("config.toml", "left", theirs)];
  const file = path.join(home, "config.toml");
  const ours = await readTable(file);
  if (typeof ours === "string") return [entry("config.toml", "left", `your own file is broken: ${ours}`)];
  const unknown = await keysWithoutMeaning(from);
  if (typeof unknown === "string") return [entry("config.toml", "left", unknown)];
  const entries: ImportEntry[] = [];
  for (const [keyPath, value] of pathsOf(theirs)) {
    const key = formatKeyPath(keyPath);
    const reason =
      NOT_TAKEN[keyPath[0] ?? ""] ??
      unknown.get(key) ??
      (isTomlValue(value) ? null : "its value is of a kind that is not used here");
    if (reason !== null) entries.push(entry(key, "left", reason));
    else if (valueAt(ours ?? {}, keyPath) !== undefined)
      entries.push(entry(key, "kept", "you have set it already"));
    else {
      entries.push(entry(key, "taken", null));
      if (!dryRun && isTomlValue(value)) await writeLeaves(file, keyPath, value);
    }
  }
  return entries;
}

function entry(name: string, outcome: ImportEntry["outcome"], reason: string | null): ImportEntry {
  return { kind: "config", name, outcome, reason };
}

/** Null when there is no such file; text when it cannot be used. */
async function readTable(file: string): Promise<Table | string | null> {
  if (!fs.existsSync(file)) return null;
  const parsed = await parseToml(fs.readFileSync(file, "utf8"));
  return parsed.ok ? parsed.table : `line ${parsed.line}: ${parsed.message}`;
}

function* pathsOf(table: Table): Generator<[string[], unknown]> {
  for (const [key, value] of Object.entries(table)) {
    if (TABLES_OF_ENTRIES.has(key) && isTable(value)) {
      for (const [name, inner] of Object.entries(value)) yield [[key, name], inner];
    } else yield [[key], value];
  }
}

/** Keys that have no effect here, with the reason; or why the whole file cannot be used. */
async function keysWithoutMeaning(from: string): Promise<ReadonlyMap<string, string> | string> {
  const loaded = await loadConfig({ home: from, cwd: from, env: {}, trustProject: false });
  if (!loaded.ok) return loaded.error.message;
  const reasons = new Map<string, string>();
  for (const { key, code } of loaded.warnings) {
    if (key === null) continue;
    if (code === "unknown_key") reasons.set(key, "there is no such key here");
    if (code === "key_removed") reasons.set(key, "it has been replaced by another key");
    if (code === "key_without_effect") reasons.set(key, "it has no effect here");
  }
  return reasons;
}

/** Tables become tables, not one long line, so that the file stays readable. */
async function writeLeaves(file: string, keyPath: readonly string[], value: TomlValue): Promise<void> {
  if (!isTable(value) || Object.keys(value).length === 0) {
    await setConfigValue(file, keyPath, value);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (isTomlValue(inner)) await writeLeaves(file, [...keyPath, key], inner);
  }
}

function valueAt(table: Table, keyPath: readonly string[]): unknown {
  return keyPath.reduce<unknown>((here, key) => (isTable(here) ? here[key] : undefined), table);
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isTomlValue(value: unknown): value is TomlValue {
  if (Array.isArray(value)) return value.every(isTomlValue);
  if (isTable(value)) return Object.values(value).every(isTomlValue);
  return ["string", "number", "boolean"].includes(typeof value);
}
