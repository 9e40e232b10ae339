import type { McpElicitationParams, ServerResult } from "@quire/protocol/app-server";
import { pickDialog } from "../dialogs/pick.ts";
import { readTextDialog } from "../dialogs/read-text.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { Ask } from "./questions.ts";

type Answer = ServerResult<"mcpServer/elicitation/request">;
type Form = Extract<McpElicitationParams, { mode: "form" }>;
type Field = Form["requestedSchema"]["properties"][string];
type Value = NonNullable<Answer["content"]>[string];

/** Asks the user what an MCP server wants to know: first whether to answer at all, then field by field. */
export async function answerElicitation(params: McpElicitationParams, ask: Ask): Promise<Answer> {
  const title = `The MCP server ${safeLine(params.serverName)} asks`;
  const lines = params.message.split("\n").map(safeLine);
  // Where there are several, each is marked, so that none of them passes for a line of ours.
  const about = lines.map((line) => lineOf(lines.length === 1 ? line : `│ ${line}`));
  const consent = await ask(
    pickDialog({ title, about: [...about, ...more(params)], choices: choicesOf(params) }),
  );
  if (consent === null) return { action: "cancel" };
  if (consent === "decline" || params.mode === "url") return { action: consent };
  const { properties, required = [] } = params.requestedSchema;
  const content: Record<string, Value> = Object.create(null);
  for (const [name, field] of Object.entries(properties)) {
    const value = await askField(name, field, required.includes(name), title, ask);
    if (value === null) return { action: "cancel" };
    if (value !== undefined) content[name] = value;
  }
  return { action: "accept", content: { ...content } };
}

function choicesOf({ mode }: McpElicitationParams) {
  const yes =
    mode === "url"
      ? { label: "Done", hint: "I have opened the address myself", value: "accept" as const }
      : { label: "Answer", hint: "fill in what it asks for", value: "accept" as const };
  return [yes, { label: "Decline", hint: "tell it no", value: "decline" as const }];
}

/** The whole address, so that nobody goes where they did not look; what a form asks for. */
function more(params: McpElicitationParams): StyledLine[] {
  if (params.mode === "url") return [lineOf(safeLine(params.url), { ink: "accent" })];
  const names = Object.keys(params.requestedSchema.properties).map(safeLine).join(", ");
  return [lineOf(names === "" ? "It only wants a yes." : `It asks for: ${names}`, { ink: "muted" })];
}

/** Undefined leaves an optional field out; null puts the whole form away. */
async function askField(
  name: string,
  field: Field,
  required: boolean,
  title: string,
  ask: Ask,
): Promise<Value | null | undefined> {
  const label = safeLine(textOf(field.title) || name);
  const description = safeLine(textOf(field.description));
  const about = [
    lineOf(`${label}${required ? "" : " (may stay empty)"}`),
    ...(description ? [lineOf(description)] : []),
  ];
  if (field.type === "boolean") {
    const choices = [
      { label: "Yes", hint: "", value: true },
      { label: "No", hint: "", value: false },
    ];
    return ask(pickDialog({ title, about, choices, chosen: field.default === true ? 0 : 1 }));
  }
  const options = optionsOf(field.type === "array" ? field.items : field);
  if (options.length > 0 && field.type !== "array") {
    return ask(pickDialog({ title, about, choices: options }));
  }
  for (;;) {
    const hint =
      options.length === 0
        ? []
        : [lineOf(`Separated by commas: ${options.map(({ label: one }) => one).join(", ")}`)];
    const shown = typeof field.default === "object" ? "" : String(field.default ?? "");
    const text = await ask(readTextDialog({ title, about: [...about, ...hint], text: shown }));
    if (text === null) return null;
    if (text.trim() === "" && !required) return undefined;
    const value = read(
      text.trim(),
      field,
      options.map(({ value: one }) => one),
    );
    if (value !== null) return value;
    about.splice(1, about.length, lineOf(wanted(field), { ink: "warn" }));
  }
}

function read(text: string, field: Field, options: readonly string[]): Value | null {
  if (field.type === "number" || field.type === "integer") {
    const number = Number(text);
    const fits = Number.isFinite(number) && (field.type === "number" || Number.isInteger(number));
    return text !== "" &&
      fits &&
      number >= bound(field.minimum, -Infinity) &&
      number <= bound(field.maximum, Infinity)
      ? number
      : null;
  }
  if (field.type === "array") {
    const parts = text.split(",").flatMap((part) => part.trim() || []);
    return parts.every((part) => options.length === 0 || options.includes(part)) ? parts : null;
  }
  return text.length >= bound(field.minLength, 0) && text.length <= bound(field.maxLength, Infinity)
    ? text
    : null;
}

function wanted(field: Field): string {
  const limits = (["minimum", "maximum", "minLength", "maxLength"] as const)
    .flatMap((key) => (typeof field[key] === "number" ? [`${key} ${field[key]}`] : []))
    .join(", ");
  return `That does not fit: it must be a ${safeLine(field.type)}${limits === "" ? "" : ` (${limits})`}.`;
}

function bound(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

interface Option {
  label: string;
  hint: string;
  value: string;
}

/** The three ways in which a schema lists choices: plain, with names beside them, and as titled constants. */
function optionsOf(field: unknown): Option[] {
  if (typeof field !== "object" || field === null) return [];
  const titled = Reflect.get(field, "oneOf") ?? Reflect.get(field, "anyOf");
  if (Array.isArray(titled)) {
    return titled.flatMap((entry: unknown) => {
      const value = typeof entry === "object" && entry !== null ? Reflect.get(entry, "const") : undefined;
      if (typeof value !== "string") return [];
      return [{ label: safeLine(textOf(Reflect.get(Object(entry), "title")) || value), hint: "", value }];
    });
  }
  const values: unknown = Reflect.get(field, "enum");
  const names: unknown = Reflect.get(field, "enumNames");
  if (!Array.isArray(values)) return [];
  return values.flatMap((value: unknown, at) => {
    if (typeof value !== "string") return [];
    const name = Array.isArray(names) ? textOf(names[at]) : "";
    return [{ label: safeLine(name || value), hint: "", value }];
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
