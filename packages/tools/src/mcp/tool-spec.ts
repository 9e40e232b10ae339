import type { ToolSpec } from "@quire/models";
import { visibleText } from "@quire/protocol";
import { wholeCharactersLength } from "../output-budget.ts";

const MAX_DESCRIPTION_BYTES = 1000;
const MAX_SCHEMA_BYTES = 16 * 1024;
const MAX_SCHEMA_DEPTH = 32;
const NO_SCHEMA_NOTE = "Its parameters are too large to be shown; ask for them through its errors.";

/** A server's description of a tool, made fit for the model: bounded, and without characters that hide text. */
export function mcpToolSpec(
  name: string,
  tool: { readonly description: string; readonly inputSchema: Readonly<Record<string, unknown>> },
): Extract<ToolSpec, { kind: "function" }> {
  const parameters = boundedSchema(tool.inputSchema);
  const description = cut(visibleText(tool.description));
  if (parameters !== null) return { kind: "function", name, description, parameters };
  return {
    kind: "function",
    name,
    description: `${description}\n${NO_SCHEMA_NOTE}`.trim(),
    parameters: { type: "object", properties: {}, additionalProperties: true },
  };
}

/** What a definition takes in every request. */
export function specBytes(spec: Extract<ToolSpec, { kind: "function" }>): number {
  return Buffer.byteLength(spec.name + spec.description) + Buffer.byteLength(JSON.stringify(spec.parameters));
}

function boundedSchema(schema: Readonly<Record<string, unknown>>): Record<string, unknown> | null {
  const shown = shownSchema(schema, 0);
  if (shown === undefined || Buffer.byteLength(JSON.stringify(shown)) > MAX_SCHEMA_BYTES) return null;
  // Endpoints want an object with properties even of a tool that takes nothing.
  return { ...Object(shown), type: "object", properties: schemaProperties(shown) };
}

function schemaProperties(schema: unknown): unknown {
  return typeof schema === "object" && schema !== null && "properties" in schema ? schema.properties : {};
}

/** A copy whose words for the reader are visible text; undefined for one that is nested beyond reason. */
function shownSchema(value: unknown, depth: number): unknown {
  if (depth > MAX_SCHEMA_DEPTH) return undefined;
  if (Array.isArray(value)) {
    const entries = value.map((entry) => shownSchema(entry, depth + 1));
    return entries.includes(undefined) ? undefined : entries;
  }
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    const words = typeof entry === "string" && (key === "description" || key === "title");
    const shown = words ? visibleText(entry) : shownSchema(entry, depth + 1);
    if (shown === undefined) return undefined;
    Object.defineProperty(copy, key, { value: shown, enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_DESCRIPTION_BYTES) return text;
  const room = MAX_DESCRIPTION_BYTES - Buffer.byteLength("…");
  return `${bytes.subarray(0, wholeCharactersLength(bytes, room)).toString()}…`;
}
