import type { ToolCall } from "@quire/protocol";
import type { JsonSchema, ToolSpec } from "../../model-client.ts";
import { isFields } from "../../transport/json-fields.ts";

/** A tool as endpoints without freeform tools know it: a function with a JSON schema. */
export interface FunctionForm {
  name: string;
  description: string;
  parameters: JsonSchema;
}

export function functionForm(tool: ToolSpec): FunctionForm {
  const { name, description } = tool;
  if (tool.kind === "function") return { name, description, parameters: tool.parameters };
  const argument = { type: "string", description: "The tool's whole input as plain text." };
  return {
    name,
    description,
    parameters: {
      type: "object",
      properties: { [tool.functionArgument]: argument },
      required: [tool.functionArgument],
      additionalProperties: false,
    },
  };
}

/**
 * The arguments of a call in a history as an object. Text that is no JSON object is kept under a name that says so: the
 * model must see what it wrote, and servers refuse a history that does not parse.
 */
export function argumentsOf(call: ToolCall, tools: readonly ToolSpec[]): Readonly<Record<string, unknown>> {
  if (call.type === "custom_tool_call") {
    const tool = tools.find((offered) => offered.name === call.name);
    return { [tool?.kind === "freeform" ? tool.functionArgument : "input"]: call.input };
  }
  if (call.arguments.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(call.arguments);
    if (isFields(value)) return value;
  } catch {
    // What it was is said below.
  }
  return { malformed_arguments: call.arguments };
}
