import { CodedError } from "@quire/protocol";
import { formatKeyPath } from "./key-path.ts";

/** A value that can be written to a file. */
export type TomlValue =
  | string
  | number
  | boolean
  | readonly TomlValue[]
  | { readonly [key: string]: TomlValue };

/**
 * Writes a value on one line; tables are written inline.
 * @throws CodedError `config_invalid` for a number that TOML cannot hold as it is
 */
export function formatTomlValue(value: TomlValue): string {
  if (typeof value === "string") return formatText(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return formatNumber(value);
  if (isList(value)) return `[${value.map(formatTomlValue).join(", ")}]`;
  const entries = Object.entries(value).map(
    ([key, entry]) => `${formatKeyPath([key])} = ${formatTomlValue(entry)}`,
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function isList(value: TomlValue): value is readonly TomlValue[] {
  return Array.isArray(value);
}

/** JSON's escapes are valid in TOML, which also wants DEL escaped and knows no half surrogate pairs. */
function formatText(text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd")).replaceAll("\u007f", "\\u007f");
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new CodedError("config_invalid", `The number ${value} cannot be written to a configuration file.`);
  }
  return Object.is(value, -0) ? "0" : String(value);
}
