/** A TOML table, or several merged. Values are text, numbers, booleans, dates, lists and tables. */
export type Table = { [key: string]: unknown };

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Reads an own key; names such as `constructor` are not found on the prototype. */
export function ownValue(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Reads along a path; undefined where the path leaves the tables. */
export function valueAt(table: Table, path: readonly string[]): unknown {
  let here: unknown = table;
  for (const key of path) {
    if (!isTable(here)) return undefined;
    here = ownValue(here, key);
  }
  return here;
}

/** Sets a value along a path, making tables on the way and replacing what is not a table. Changes `table`. */
export function setAt(table: Table, path: readonly string[], value: unknown): void {
  let here = table;
  for (const key of path.slice(0, -1)) {
    const next = ownValue(here, key);
    if (isTable(next)) {
      here = next;
    } else {
      const made: Table = {};
      here[key] = made;
      here = made;
    }
  }
  const last = path.at(-1);
  if (last !== undefined) here[last] = value;
}

/** Removes the value at a path, and tables that became empty by it. Changes `table`. */
export function deleteAt(table: Table, path: readonly string[]): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  const child = ownValue(table, head);
  if (rest.length === 0) {
    delete table[head];
  } else if (isTable(child)) {
    deleteAt(child, rest);
    if (Object.keys(child).length === 0) delete table[head];
  }
}

/** Whether tables stand in tables more than `limit` deep. */
export function isDeeperThan(table: Table, limit: number): boolean {
  return Object.values(table).some(
    (value) => isTable(value) && (limit <= 1 || isDeeperThan(value, limit - 1)),
  );
}

/** A deep copy of tables; lists and leaves are shared. */
export function copyTable(table: Table): Table {
  const copy: Table = {};
  for (const [key, value] of Object.entries(table)) copy[key] = isTable(value) ? copyTable(value) : value;
  return copy;
}
