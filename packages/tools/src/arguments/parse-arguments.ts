import type { Field, Fields, Reading, ValuesOf } from "./fields.ts";

/** Arguments beyond this size are refused unread. */
export const MAX_ARGUMENT_BYTES = 1024 * 1024;
const SHOWN_VALUE = 60;

export type ParsedArguments<T> = { ok: true; value: T } | { ok: false; message: string };

/** Reads the JSON text of a call. Never throws; the message tells the model what to send instead. */
export function parseArguments<F extends Fields>(
  tool: string,
  input: string,
  fields: F,
): ParsedArguments<ValuesOf<F>> {
  if (input.length > MAX_ARGUMENT_BYTES) {
    return refuse(
      tool,
      `the arguments are larger than 1 MiB (${input.length} characters). Split the work into smaller calls.`,
    );
  }
  const json = parseJson(input);
  if (!json.ok) {
    return refuse(tool, `the arguments are not valid JSON (${json.problem}). Send one JSON object.`);
  }
  const reading = readObject(json.value, fields);
  return reading.ok ? reading : refuse(tool, reading.expected);
}

/** An object of its own within the arguments, such as one step of a plan. */
export function objectOf<F extends Fields>(fields: F): Field<ValuesOf<F>> {
  return {
    required: true,
    read(value) {
      const reading = readObject(value, fields);
      return reading.ok
        ? reading
        : { ok: false, expected: `an object with ${known(fields)} (${reading.expected})` };
    },
  };
}

function readObject<F extends Fields>(value: unknown, fields: F): Reading<ValuesOf<F>> {
  if (!isRecord(value))
    return { ok: false, expected: `the arguments must be a JSON object with ${known(fields)}.` };
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) {
      return { ok: false, expected: `unknown argument "${shorten(name)}". Known: ${known(fields)}.` };
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined || given === null) {
      if (field.required) return { ok: false, expected: `the argument "${name}" is missing.` };
      continue;
    }
    const reading = field.read(given);
    if (!reading.ok) {
      return { ok: false, expected: `"${name}" must be ${reading.expected}, not ${describe(given)}.` };
    }
    values[name] = reading.value;
  }
  // Every field was read by its own reader just above, which is what ValuesOf states.
  return { ok: true, value: values as ValuesOf<F> };
}

function parseJson(input: string): { ok: true; value: unknown } | { ok: false; problem: string } {
  if (input.trim() === "") return { ok: true, value: {} };
  try {
    return { ok: true, value: JSON.parse(input) };
  } catch (thrown) {
    return { ok: false, problem: thrown instanceof Error ? shorten(thrown.message) : "unreadable" };
  }
}

function refuse(tool: string, problem: string): { ok: false; message: string } {
  return { ok: false, message: `${tool} was not run: ${problem}` };
}

function known(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, field]) => (field.required ? `${name} (required)` : name))
    .join(", ");
}

function describe(value: unknown): string {
  if (typeof value === "string") return `"${shorten(value)}"`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  return String(value);
}

function shorten(value: string): string {
  return value.length <= SHOWN_VALUE ? value : `${value.slice(0, SHOWN_VALUE)}…`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
