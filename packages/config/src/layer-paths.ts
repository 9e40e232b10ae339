import { isAbsolute, join, resolve } from "node:path";
import { isTable, type Table } from "./table.ts";

/** Keys that hold a path or a list of paths; `*` stands for a name the user chose. */
const PATH_KEYS: readonly (readonly string[])[] = [
  ["model_instructions_file"],
  ["experimental_compact_prompt_file"],
  ["model_catalog_json"],
  ["log_dir"],
  ["sqlite_home"],
  ["sandbox_workspace_write", "writable_roots"],
  ["model_providers", "*", "auth", "cwd"],
  ["model_providers", "*", "ca_certificate"],
  ["agents", "*", "config_file"],
];

/** Tables whose keys are paths. They may start with `~/`, and are not relative to anything. */
const PATH_TABLES: readonly (readonly string[])[] = [
  ["permissions", "*", "filesystem"],
  ["permissions", "*", "workspace_roots"],
];

/**
 * Makes the paths in a layer absolute: relative ones start at `base` (the folder of the file, or the working directory
 * for the command line), `~/` at `homedir`. Changes `table`.
 */
export function resolveLayerPaths(table: Table, base: string, homedir: string | null): void {
  const toAbsolute = (path: string) => absolute(path, base, homedir);
  for (const pattern of PATH_KEYS) {
    const [key = ""] = pattern.slice(-1);
    for (const found of tablesAlong(table, pattern.slice(0, -1))) resolveValue(found, key, toAbsolute);
  }
  if (homedir === null) return;
  for (const pattern of PATH_TABLES) {
    for (const found of tablesAlong(table, pattern)) expandKeys(found, toAbsolute);
  }
}

function tablesAlong(table: Table, pattern: readonly string[]): Table[] {
  const [head, ...rest] = pattern;
  if (head === undefined) return [table];
  const keys = head === "*" ? Object.keys(table) : Object.hasOwn(table, head) ? [head] : [];
  return keys.flatMap((key) => {
    const value = table[key];
    return isTable(value) ? tablesAlong(value, rest) : [];
  });
}

function resolveValue(table: Table, key: string, toAbsolute: (path: string) => string): void {
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (typeof value === "string") {
    table[key] = toAbsolute(value);
  } else if (Array.isArray(value)) {
    table[key] = value.map((entry: unknown) => (typeof entry === "string" ? toAbsolute(entry) : entry));
  }
}

function expandKeys(table: Table, toAbsolute: (path: string) => string): void {
  for (const key of Object.keys(table).filter((name) => name === "~" || name.startsWith("~/"))) {
    const value = table[key];
    delete table[key];
    table[toAbsolute(key)] = value;
  }
}

function absolute(path: string, base: string, homedir: string | null): string {
  if (homedir !== null && (path === "~" || path.startsWith("~/"))) return join(homedir, path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(base, path);
}
