import * as z from "zod/mini";
import { nearestKey } from "./nearest-key.ts";
import { ConfigFileSchema } from "./schema/config-file.ts";
import { isTable, type Table } from "./table.ts";

/** What is wrong with one key of a layer. */
export type KeyFinding =
  | { kind: "unknown"; path: string[]; suggestion: string | null; belongsAtTop: boolean }
  | { kind: "invalid"; path: string[]; expected: string; found: string };

export interface CheckedTable {
  /** A copy without the keys that were found wanting. */
  table: Table;
  findings: KeyFinding[];
}

/**
 * Checks one layer, or another file that `schema` describes, key by key, so that everything wrong with it is reported at
 * once.
 */
export function checkTable(table: Table, schema: z.ZodMiniObject = ConfigFileSchema): CheckedTable {
  const findings: KeyFinding[] = [];
  return { table: checkObject(schema, table, [], findings), findings };
}

type Schema = z.core.$ZodType;

function checkObject(schema: z.ZodMiniObject, table: Table, path: string[], findings: KeyFinding[]): Table {
  const kept: Table = {};
  const shape = schema.shape;
  const { catchall } = schema.def;
  for (const [key, value] of Object.entries(table)) {
    const keyPath = [...path, key];
    const known = Object.hasOwn(shape, key) ? shape[key] : catchall;
    if (known === undefined || key === "__proto__") {
      findings.push(unknownKey(keyPath, Object.keys(shape)));
    } else {
      checkInto(kept, key, known, value, keyPath, findings);
    }
  }
  return kept;
}

function checkInto(
  kept: Table,
  key: string,
  schema: Schema,
  value: unknown,
  path: string[],
  findings: KeyFinding[],
): void {
  const before = findings.length;
  const checked = checkValue(unwrap(schema), value, path, findings);
  const isInvalid = findings.slice(before).some((finding) => finding.kind === "invalid");
  if (!isInvalid || isTable(checked)) kept[key] = checked;
}

function checkValue(schema: Schema, value: unknown, path: string[], findings: KeyFinding[]): unknown {
  if (schema instanceof z.ZodMiniObject && isTable(value)) return checkObject(schema, value, path, findings);
  if (schema instanceof z.ZodMiniRecord && isTable(value)) return checkRecord(schema, value, path, findings);
  if (schema instanceof z.ZodMiniUnion && isTable(value)) {
    const option = schema.def.options.find((candidate) => candidate instanceof z.ZodMiniObject);
    if (option !== undefined) {
      const kept = checkValue(option, value, path, findings);
      // Walking does not see what is missing.
      return report(option, kept, path, findings) ? kept : undefined;
    }
  }
  return report(schema, value, path, findings) ? value : undefined;
}

function checkRecord(schema: z.ZodMiniRecord, table: Table, path: string[], findings: KeyFinding[]): Table {
  const kept: Table = {};
  for (const [key, value] of Object.entries(table)) {
    if (key === "__proto__") findings.push(unknownKey([...path, key], []));
    else checkInto(kept, key, schema.def.valueType, value, [...path, key], findings);
  }
  return kept;
}

function unwrap(schema: Schema): Schema {
  return schema instanceof z.ZodMiniOptional ? schema.def.innerType : schema;
}

function unknownKey(path: string[], siblings: string[]): KeyFinding {
  const name = path.at(-1) ?? "";
  const belongsAtTop = path.length > 1 && Object.hasOwn(ConfigFileSchema.shape, name);
  return {
    kind: "unknown",
    path,
    suggestion: belongsAtTop ? name : nearestKey(name, siblings),
    belongsAtTop,
  };
}

/** Adds a finding for each issue; true when there was none. */
function report(schema: Schema, value: unknown, path: string[], findings: KeyFinding[]): boolean {
  const result = z.safeParse(schema, value);
  if (result.success) return true;
  for (const issue of result.error.issues) {
    const at = [...path, ...issue.path.map(String)];
    const offender = issue.path.reduce<unknown>(stepInto, value);
    findings.push({ kind: "invalid", path: at, expected: expectation(issue), found: describe(offender, at) });
  }
  return false;
}

function stepInto(here: unknown, key: PropertyKey): unknown {
  if (Array.isArray(here)) return here[Number(key)];
  return isTable(here) ? here[String(key)] : undefined;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "a table",
  record: "a table",
};

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `a number of at least ${issue.minimum}`;
    case "too_big":
      return `a number of at most ${issue.maximum}`;
    case "invalid_union":
      return [...new Set(issue.errors.flat().map(expectation))].join(", or ");
    default:
      return issue.message;
  }
}

const SECRET_KEY = /token|secret|password|header|^env$|^set$|query_params|key$/i;
const SHOWN_LENGTH = 60;

/** What was found, in words; the value itself is left out where it may be a credential. */
function describe(value: unknown, path: readonly string[]): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Date) return "a date";
  if (isTable(value)) return "a table";
  const kind = typeof value === "string" ? "the text" : typeof value === "number" ? "the number" : "";
  if (path.some((part) => SECRET_KEY.test(part))) return kind.replace("the", "a") || "a truth value";
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, SHOWN_LENGTH)) : String(value);
  return `${kind} ${shown}`.trim();
}
