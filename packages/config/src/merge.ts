import { formatKey } from "./key-path.ts";
import type { ConfigOrigin } from "./layer.ts";
import { isTable, ownValue, type Table } from "./table.ts";

/** The values so far, and for every leaf where it was set. Keys of `origins` are dotted paths. */
export interface Merged {
  table: Table;
  origins: Map<string, ConfigOrigin>;
}

export function emptyMerged(): Merged {
  return { table: {}, origins: new Map() };
}

/** Lays a table over what is there: tables are joined key by key, everything else is replaced. Changes `merged`. */
export function mergeLayer(merged: Merged, table: Table, origin: ConfigOrigin): void {
  mergeTable(merged, merged.table, table, origin, "");
}

/** `prefix` is the dotted path of `table` with its dot. */
function mergeTable(merged: Merged, target: Table, table: Table, origin: ConfigOrigin, prefix: string): void {
  for (const [key, value] of Object.entries(table)) {
    const dotted = prefix + formatKey(key);
    const existing = ownValue(target, key);
    if (!isTable(value)) {
      forget(merged, existing, dotted);
      target[key] = value;
      merged.origins.set(dotted, origin);
      continue;
    }
    if (!isTable(existing)) forget(merged, existing, dotted);
    const next: Table = isTable(existing) ? existing : {};
    target[key] = next;
    mergeTable(merged, next, value, origin, `${dotted}.`);
  }
}

/** Drops the origins of a value that is being replaced. */
function forget(merged: Merged, existing: unknown, dotted: string): void {
  if (existing === undefined) return;
  if (isTable(existing)) {
    for (const [key, value] of Object.entries(existing)) forget(merged, value, `${dotted}.${formatKey(key)}`);
  }
  merged.origins.delete(dotted);
}
