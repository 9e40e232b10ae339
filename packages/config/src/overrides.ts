import { CodedError } from "@quire/protocol";
import { readKeyPath } from "./key-path.ts";
import { isTable, setAt, type Table } from "./table.ts";
import { parseToml } from "./toml.ts";

/** Everything that TOML can begin a value with; other text is taken as it stands without asking the parser. */
const TOML_START = /^["'[{+\-0-9]|^(?:true|false|inf|nan)$/;

/**
 * Parses `-c key=value` arguments into one table; later ones win. The key is dotted, with quotes where a name has a
 * dot in it. The value is TOML, or plain text when it is not valid TOML.
 * @throws CodedError `usage_invalid` for an argument without a key or without `=`
 */
export async function parseOverrides(overrides: readonly string[]): Promise<Table> {
  const table: Table = {};
  for (const override of overrides) {
    const key = readKeyPath(override, 0);
    if (key === null || override[key.end] !== "=" || key.path.includes("__proto__")) {
      throw new CodedError(
        "usage_invalid",
        `The override "${override.slice(0, 80)}" is not of the form key=value.`,
        {
          nextStep: 'Write for example: -c model="gpt-5" or -c sandbox_workspace_write.network_access=true',
        },
      );
    }
    setAt(table, key.path, await parseValue(override.slice(key.end + 1)));
  }
  return table;
}

async function parseValue(text: string): Promise<unknown> {
  const raw = text.trim();
  if (!TOML_START.test(raw)) return raw;
  const parsed = await parseToml(`value = ${raw}`);
  // More than one key means that a line break smuggled in a second statement.
  if (parsed.ok && Object.keys(parsed.table).length === 1) return parsed.table.value;
  return raw.replace(/^["']+|["']+$/g, "");
}

/** Copies the tables of an object given in code, leaving out what is undefined. */
export function flagsTable(flags: object): Table {
  const table: Table = {};
  for (const [key, value] of Object.entries(flags)) {
    if (value !== undefined) table[key] = isTable(value) ? flagsTable(value) : value;
  }
  return table;
}
