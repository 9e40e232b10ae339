import type { ToolChoice, ToolSpec } from "@quire/models";
import { invalidValue } from "../http/api-error.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { requireFeature } from "./refusals.ts";

/** A function as both dialects describe it. */
export interface WireFunction {
  name: string;
  description?: string | null | undefined;
  parameters?: Record<string, unknown> | null | undefined;
  strict?: boolean | null | undefined;
}

export interface WireCustomTool {
  name: string;
  description?: string | null | undefined;
  format?:
    | { type: "text" }
    | { type: "grammar"; syntax: "lark" | "regex"; definition: string }
    | null
    | undefined;
}

/** Says in a grammar what a custom tool without one takes: any text. */
const ANY_TEXT = { type: "grammar", syntax: "regex", definition: "[\\s\\S]*" } as const;

export function functionSpec(tool: WireFunction, param: string, upstream: Upstream): ToolSpec {
  if (tool.strict === true) requireFeature(upstream, "strict_tools", `${param}.strict`);
  return {
    kind: "function",
    name: tool.name,
    description: tool.description ?? "",
    parameters: tool.parameters ?? { type: "object", properties: {}, additionalProperties: false },
    ...(tool.strict === true ? { strict: true } : {}),
  };
}

export function customSpec(tool: WireCustomTool, param: string, upstream: Upstream): ToolSpec {
  const grammar = tool.format?.type === "grammar" ? tool.format : null;
  if (grammar !== null) requireFeature(upstream, "grammars", `${param}.format`);
  return {
    kind: "freeform",
    name: tool.name,
    description: tool.description ?? "",
    format: grammar ?? ANY_TEXT,
    functionArgument: "input",
  };
}

/** Two tools of one name could not be told apart in a call. */
export function requireDistinctNames(tools: readonly ToolSpec[], param: string): void {
  const seen = new Set<string>();
  for (const [index, { name }] of tools.entries()) {
    if (seen.has(name)) throw invalidValue(`${param}[${index}].name`, `Two tools are called '${name}'.`);
    seen.add(name);
  }
}

/** A choice other than `auto` and `none` needs the provider's help; a named tool must be on the list. */
export function checkedChoice(
  choice: ToolChoice,
  tools: readonly ToolSpec[],
  upstream: Upstream,
): ToolChoice {
  if (choice === "auto" || choice === "none") return choice;
  if (tools.length === 0) throw invalidValue("tool_choice", "'tool_choice' is only allowed with 'tools'.");
  requireFeature(upstream, "tool_choice", "tool_choice");
  if (typeof choice === "object" && !tools.some((tool) => tool.name === choice.tool)) {
    throw invalidValue("tool_choice", `The tool '${choice.tool}' is not among 'tools'.`);
  }
  return choice;
}
