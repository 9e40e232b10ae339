import { isDeepStrictEqual } from "node:util";
import { CodedError } from "@quire/protocol";
import { formatKeyPath } from "./key-path.ts";
import { copyTable, deleteAt, isTable, setAt, type Table, valueAt } from "./table.ts";
import { parseToml } from "./toml.ts";
import { scanToml, type TomlStatement } from "./toml-scan.ts";
import { formatTomlValue, type TomlValue } from "./toml-value.ts";

/**
 * Sets one value in a document, or removes it when `value` is null, and leaves every other byte as it is: comments,
 * order, blank lines. The result is parsed and compared before it is given back, so an edit is right or refused.
 * @throws CodedError `config_invalid` when the document is broken or the value cannot be set without rewriting it
 */
export async function editToml(
  source: string,
  path: readonly string[],
  value: TomlValue | null,
): Promise<string> {
  const before = await parseOrThrow(source);
  const wanted = copyTable(before);
  if (value === null) deleteAt(wanted, path);
  else setAt(wanted, path, value);
  const edited = value === null ? removeValue(source, path) : putValue(source, path, value, before);
  const after = await parseToml(edited);
  if (after.ok && isDeepStrictEqual(plain(after.table), plain(wanted))) return edited;
  const key = formatKeyPath(path);
  const action = value === null ? `remove ${key}` : `set ${key} = ${formatTomlValue(value)}`;
  throw new CodedError(
    "config_invalid",
    `The file is laid out in a way that does not allow to ${action} in place.`,
    {
      nextStep: "Edit the file by hand.",
    },
  );
}

async function parseOrThrow(source: string): Promise<Table> {
  const parsed = await parseToml(source);
  if (parsed.ok) return parsed.table;
  const where = `line ${parsed.line}, column ${parsed.column}`;
  throw new CodedError("config_invalid", `The file is not valid TOML (${where}): ${parsed.message}`, {
    nextStep: "Correct that line first.",
  });
}

function putValue(source: string, path: readonly string[], value: TomlValue, before: Table): string {
  const statements = scanToml(source);
  const exact = statements.find((statement) => statement.kind === "value" && samePath(statement.path, path));
  if (exact !== undefined) return replaceValue(source, exact, formatTomlValue(value));
  const around = statements.find((statement) => statement.kind === "value" && isPrefix(statement.path, path));
  if (around !== undefined) return putInline(source, around, path, value, before) ?? source;
  return insertValue(source, statements, path, value);
}

function replaceValue(source: string, statement: TomlStatement, text: string): string {
  return source.slice(0, statement.valueStart) + text + source.slice(statement.valueEnd);
}

/** The value stands inside an inline table, which is written anew as a whole; null when it is not a table. */
function putInline(
  source: string,
  around: TomlStatement,
  path: readonly string[],
  value: TomlValue,
  before: Table,
): string | null {
  const inline = valueAt(before, around.path);
  if (!isTable(inline)) return null;
  const changed = copyTable(inline);
  setAt(changed, path.slice(around.path.length), value);
  return replaceValue(source, around, formatTomlValue(asTomlValue(changed)));
}

/** Puts a new line into the table it belongs to, beside its dotted siblings, or into a new table at the end. */
function insertValue(
  source: string,
  statements: TomlStatement[],
  path: readonly string[],
  value: TomlValue,
): string {
  const parent = path.slice(0, -1);
  const lineBreak = source.includes("\r\n") ? "\r\n" : "\n";
  const lineFor = (depth: number) =>
    `${formatKeyPath(path.slice(depth))} = ${formatTomlValue(value)}${lineBreak}`;

  const header = statements.findLast(
    (statement) => statement.kind === "table" && samePath(statement.path, parent),
  );
  if (header !== undefined) {
    const inTable = statements.filter(
      (statement) => statement.kind === "value" && statement.tableDepth === parent.length,
    );
    const last = inTable.findLast((statement) => samePath(statement.path.slice(0, parent.length), parent));
    return insertAt(source, (last ?? header).end, lineFor(parent.length), lineBreak);
  }
  const sibling = statements.findLast(
    (statement) =>
      statement.kind === "value" && statement.tableDepth < parent.length && isPrefix(parent, statement.path),
  );
  if (sibling !== undefined) return insertAt(source, sibling.end, lineFor(sibling.tableDepth), lineBreak);
  if (parent.length === 0) return insertAtTop(source, statements, lineFor(0), lineBreak);
  const gap = source === "" || source.endsWith(`${lineBreak}${lineBreak}`) ? "" : lineBreak;
  const table = `${gap}[${formatKeyPath(parent)}]${lineBreak}${lineFor(parent.length)}`;
  return insertAt(source, source.length, table, lineBreak);
}

/** Top-level keys stand before the first table: behind the last of them, else at the very top. */
function insertAtTop(source: string, statements: TomlStatement[], line: string, lineBreak: string): string {
  const last = statements.findLast((statement) => statement.kind === "value" && statement.tableDepth === 0);
  if (last !== undefined) return insertAt(source, last.end, line, lineBreak);
  const start = source.startsWith("\ufeff") ? 1 : 0;
  const gap = source.length === start ? "" : lineBreak;
  return source.slice(0, start) + line + gap + source.slice(start);
}

function insertAt(source: string, at: number, text: string, lineBreak: string): string {
  const before = source.slice(0, at);
  const join = before === "" || before.endsWith("\n") ? "" : lineBreak;
  return before + join + text + source.slice(at);
}

/** Removes the line of a value, or the header and lines of a table; absent keys change nothing. */
function removeValue(source: string, path: readonly string[]): string {
  let edited = source;
  for (const statement of scanToml(source).reverse()) {
    if (samePath(statement.path, path) || isPrefix(path, statement.path)) {
      edited = edited.slice(0, statement.start) + edited.slice(statement.end);
    }
  }
  return edited;
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** Whether `prefix` leads to a table around `path`. */
function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length < path.length && prefix.every((part, index) => part === path[index]);
}

/** Parsed TOML as a value to write. Dates are the only thing that cannot be: they become text, which is then seen. */
function asTomlValue(value: unknown): TomlValue {
  if (Array.isArray(value)) return value.map(asTomlValue);
  if (isTable(value))
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, asTomlValue(entry)]));
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return String(value);
}

/** For comparing: without empty tables and without differences of prototype. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  const entries = Object.entries(value).flatMap(([key, entry]) => {
    const flat = plain(entry);
    return isTable(flat) && Object.keys(flat).length === 0 ? [] : [[key, flat]];
  });
  return Object.fromEntries(entries);
}
