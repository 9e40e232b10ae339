import type { ContentPart } from "@quire/protocol";
import type { Capabilities } from "../../endpoint.ts";
import type { ToolSpec } from "../../model-client.ts";
import { argumentsOf } from "../history/function-form.ts";
import { reasoningOrigin } from "../history/reasoning-origin.ts";
import {
  type Group,
  IMAGE_LEFT_OUT,
  isOrder,
  type ModelItem,
  outputParts,
  partsText,
  type ToolAnswer,
} from "../history/turn-groups.ts";

/** A message of the Messages API. Several of one role in a row are one turn to the endpoint. */
export interface AnthropicMessage {
  role: "user" | "assistant";
  content: readonly object[];
}

/** A part of the history as messages of the Messages API; one without content is refused, so there is none then. */
export function anthropicMessages(
  group: Group,
  tools: readonly ToolSpec[],
  capabilities: Capabilities,
  known: Set<string>,
): readonly AnthropicMessage[] {
  const message = messageOf(group, tools, capabilities, known);
  return message.content.length === 0 ? [] : [message];
}

function messageOf(
  group: Group,
  tools: readonly ToolSpec[],
  capabilities: Capabilities,
  known: Set<string>,
): AnthropicMessage {
  switch (group.kind) {
    case "message": {
      const { content } = group.message;
      if (!isOrder(group.message)) return { role: "user", content: contentBlocks(content, capabilities) };
      return {
        role: "user",
        content: [{ type: "text", text: `<system>\n${partsText(content)}\n</system>` }],
      };
    }
    case "model":
      return { role: "assistant", content: group.items.flatMap((item) => modelBlocks(item, tools, known)) };
    case "answers":
      return {
        role: "user",
        content: group.answers.map((answer) => resultBlock(answer, capabilities, known)),
      };
  }
}

function modelBlocks(item: ModelItem, tools: readonly ToolSpec[], known: Set<string>): object[] {
  if (item.type === "message") {
    const text = partsText(item.content);
    return text.trim() === "" ? [] : [{ type: "text", text }];
  }
  if (item.type === "reasoning") {
    const origin = reasoningOrigin(item);
    return origin.kind === "anthropic" ? [origin.block] : [];
  }
  known.add(item.call_id);
  return [
    { type: "tool_use", id: acceptedId(item.call_id), name: item.name, input: argumentsOf(item, tools) },
  ];
}

function resultBlock(
  { callId, output }: ToolAnswer,
  capabilities: Capabilities,
  known: ReadonlySet<string>,
): object {
  const blocks = contentBlocks(outputParts(output), capabilities);
  if (!known.has(callId)) {
    return { type: "text", text: `[Output of an earlier tool call]\n${partsText(outputParts(output))}` };
  }
  const [only] = blocks;
  const plain = blocks.length === 1 && only !== undefined && "text" in only ? only.text : blocks;
  return { type: "tool_result", tool_use_id: acceptedId(callId), content: blocks.length === 0 ? "" : plain };
}

/** Blocks of text without a visible character are refused by the endpoint, so they are left out. */
function contentBlocks(parts: readonly ContentPart[], capabilities: Capabilities): object[] {
  return parts.flatMap((part): object[] => {
    if (part.type !== "input_image") {
      const text = partsText([part]);
      return text.trim() === "" ? [] : [{ type: "text", text }];
    }
    if (!capabilities.images || part.image_url === undefined) return [{ type: "text", text: IMAGE_LEFT_OUT }];
    return [{ type: "image", source: imageSource(part.image_url) }];
  });
}

function imageSource(url: string): object {
  const data = /^data:([^;,]+);base64,/.exec(url);
  if (data === null) return { type: "url", url };
  return { type: "base64", media_type: data[1], data: url.slice(data[0].length) };
}

/** Ids of other providers may hold characters that this endpoint refuses. */
function acceptedId(id: string): string {
  return /^[\w-]{1,64}$/.test(id) ? id : `call_${id.replace(/[^\w-]/g, "_").slice(-59)}`;
}
