import type { ToolSpec } from "../src/model-client.ts";

export const SHELL: ToolSpec = {
  kind: "function",
  name: "exec_command",
  description: "Runs a command.",
  parameters: { type: "object", properties: { cmd: { type: "string" } }, required: ["cmd"] },
};
export const PATCH: ToolSpec = {
  kind: "freeform",
  name: "apply_patch",
  description: "Edits files.",
  format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
  functionArgument: "patch",
};
