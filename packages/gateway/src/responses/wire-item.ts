import type { ContentPart, ResponseItem } from "@quire/protocol";
import type { WireItem } from "./response-object.ts";

/** A finished item as clients see it; null for items that no client expects in an output. */
export function wireItem(item: ResponseItem, id: string, includeEncrypted: boolean): WireItem | null {
  switch (item.type) {
    case "message":
      return {
        id,
        type: "message",
        status: item.status === "incomplete" ? "incomplete" : "completed",
        role: "assistant",
        content: item.content.flatMap(wirePart),
      };
    case "reasoning":
      return {
        id,
        type: "reasoning",
        summary: item.summary,
        ...(item.content === undefined || item.content === null ? {} : { content: item.content }),
        ...(includeEncrypted ? { encrypted_content: item.encrypted_content ?? null } : {}),
      };
    case "function_call":
      return {
        id,
        type: "function_call",
        status: "completed",
        call_id: item.call_id,
        name: item.name,
        arguments: item.arguments,
      };
    case "custom_tool_call":
      return {
        id,
        type: "custom_tool_call",
        status: "completed",
        call_id: item.call_id,
        name: item.name,
        input: item.input,
      };
    case "web_search_call":
      return { id, type: "web_search_call", status: item.status ?? "completed", action: item.action ?? null };
    case "function_call_output":
    case "custom_tool_call_output":
      return null;
  }
}

/** The parts of a message that a model can write. */
function wirePart(part: ContentPart): Record<string, unknown>[] {
  if (part.type === "refusal") return [{ type: "refusal", refusal: part.refusal }];
  if (part.type === "input_image") return [];
  const annotations = Array.isArray(part.annotations) ? part.annotations : [];
  return [{ type: "output_text", text: part.text, annotations, logprobs: [] }];
}

/** A custom tool that the provider had to offer as a function comes back as a function call with one argument. */
export function textOfCustomCall(item: ResponseItem, customTools: ReadonlySet<string>): ResponseItem {
  if (item.type !== "function_call" || !customTools.has(item.name)) return item;
  return {
    type: "custom_tool_call",
    ...(item.id === undefined ? {} : { id: item.id }),
    call_id: item.call_id,
    name: item.name,
    input: soleText(item.arguments),
  };
}

function soleText(argumentText: string): string {
  try {
    const value: unknown = JSON.parse(argumentText);
    if (typeof value === "object" && value !== null && "input" in value && typeof value.input === "string") {
      return value.input;
    }
  } catch {
    // The model wrote no JSON; what it wrote is then the input itself.
  }
  return argumentText;
}
