import type { ContentPart, ToolCallItem, ToolOutputBody } from "@quire/protocol";
import type { DynamicToolCallResponse, DynamicToolSpec, ToolContent } from "@quire/protocol/app-server";
import type { Tool, ToolResult } from "@quire/tools";
import type { Questions } from "./questions.ts";

const MAX_OUTPUT_CHARACTERS = 64 * 1024;
const NOBODY: DynamicToolCallResponse = {
  contentItems: [{ type: "inputText", text: "No client is there to run this tool." }],
  success: false,
};

/**
 * A tool that the thread's clients run. It has no effects here that could be judged: what it does happens in the client,
 * with the client's rights.
 */
export function dynamicTool(spec: DynamicToolSpec, questions: Questions): Tool {
  const { name, description, inputSchema } = spec;
  return {
    spec: { kind: "function", name, description, parameters: inputSchema },
    parallel: true,
    prepare({ callId, input }, { signal }) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(input === "" ? "{}" : input);
      } catch {
        const message = `${name} was not called: its arguments are not JSON. Send one JSON object.`;
        return { kind: "invalid", code: "tool_bad_arguments", message };
      }
      const item: ToolCallItem = {
        type: "toolCall",
        id: callId,
        tool: name,
        arguments: input,
        status: "inProgress",
        output: null,
        error: null,
      };
      const { threadId, turnId } = questions;
      const params = { threadId, turnId, callId, namespace: null, tool: name, arguments: parsed };
      return {
        kind: "ready",
        effects: [],
        item,
        run: async () =>
          resultOf(item, await questions.ask("item/tool/call", params, { signal, nobody: NOBODY })),
      };
    },
  };
}

function resultOf(item: ToolCallItem, { contentItems, success }: DynamicToolCallResponse): ToolResult {
  const text = contentItems.map((part) => (part.type === "inputText" ? part.text : "[image]")).join("\n");
  return {
    item: {
      ...item,
      status: success ? "completed" : "failed",
      output: bounded(text),
      error: success ? null : { code: "tool_failed", message: bounded(text), retryable: false },
    },
    output: outputOf(contentItems),
    success,
  };
}

function outputOf(contentItems: readonly ToolContent[]): ToolOutputBody {
  const [only, ...more] = contentItems;
  if (only === undefined) return "";
  if (more.length === 0 && only.type === "inputText") return bounded(only.text);
  return contentItems.map(
    (part): ContentPart =>
      part.type === "inputText"
        ? { type: "input_text", text: bounded(part.text) }
        : { type: "input_image", image_url: part.imageUrl },
  );
}

function bounded(text: string): string {
  if (text.length <= MAX_OUTPUT_CHARACTERS) return text;
  return `${text.slice(0, MAX_OUTPUT_CHARACTERS)}\n[${text.length - MAX_OUTPUT_CHARACTERS} characters left out]`;
}
