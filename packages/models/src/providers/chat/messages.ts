import type { ContentPart, MessageItem } from "@quire/protocol";
import type { Capabilities } from "../../endpoint.ts";
import type { ToolSpec } from "../../model-client.ts";
import { argumentsOf } from "../history/function-form.ts";
import { reasoningOrigin, reasoningText } from "../history/reasoning-origin.ts";
import {
  type Group,
  IMAGE_LEFT_OUT,
  isOrder,
  type ModelItem,
  outputParts,
  partsText,
  type ToolAnswer,
} from "../history/turn-groups.ts";
import { writtenAnswer, writtenCall } from "./written-tools.ts";

/** A message of the Chat Completions API. */
export type ChatMessage = { readonly role: string } & { readonly [field: string]: unknown };

function said(message: MessageItem): string {
  return partsText(message.content);
}

/** A part of the history as chat messages. `known` has the ids of the calls so far, and gets those of this part. */
export function chatMessages(
  group: Group,
  tools: readonly ToolSpec[],
  capabilities: Capabilities,
  known: Set<string>,
): ChatMessage[] {
  switch (group.kind) {
    case "message":
      if (!isOrder(group.message)) {
        return [{ role: "user", content: userContent(group.message.content, capabilities) }];
      }
      return [{ role: capabilities.lateSystemMessages ? "system" : "user", content: said(group.message) }];
    case "model":
      return [modelMessage(group.items, tools, capabilities, known)];
    case "answers":
      return answerMessages(group.answers, capabilities, known);
  }
}

function modelMessage(
  items: readonly ModelItem[],
  tools: readonly ToolSpec[],
  capabilities: Capabilities,
  known: Set<string>,
): ChatMessage {
  const calls: object[] = [];
  const texts: string[] = [];
  const thoughts: string[] = [];
  let field: string | null = null;
  for (const item of items) {
    if (item.type === "message") texts.push(said(item));
    else if (item.type === "reasoning") {
      const origin = reasoningOrigin(item);
      if (origin.kind !== "chat") continue;
      field ??= origin.field;
      thoughts.push(reasoningText(item));
    } else {
      known.add(item.call_id);
      if (!capabilities.tools) {
        texts.push(writtenCall(item, tools));
        continue;
      }
      const made = { name: item.name, arguments: JSON.stringify(argumentsOf(item, tools)) };
      calls.push({ id: item.call_id, type: "function", function: made });
    }
  }
  return {
    role: "assistant",
    ...(field === null ? {} : { [field]: thoughts.join("") }),
    content: texts.join("\n\n"),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** Tool messages hold text only; images follow in a message of the user's, after the last answer. */
function answerMessages(
  answers: readonly ToolAnswer[],
  capabilities: Capabilities,
  known: ReadonlySet<string>,
): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const images: ContentPart[] = [];
  const written: string[] = [];
  for (const { callId, output } of answers) {
    const parts = outputParts(output);
    const shown = parts.filter((part) => part.type === "input_image");
    const text = partsText(parts);
    const content =
      shown.length === 0
        ? text
        : [text, capabilities.images ? "[The image follows.]" : IMAGE_LEFT_OUT].filter(Boolean).join("\n");
    if (capabilities.images) images.push(...shown);
    if (!capabilities.tools && known.has(callId)) {
      written.push(writtenAnswer(content));
      continue;
    }
    messages.push(
      known.has(callId)
        ? { role: "tool", tool_call_id: callId, content }
        : { role: "user", content: `[Output of an earlier tool call]\n${content}` },
    );
  }
  if (written.length > 0) messages.push({ role: "user", content: written.join("\n") });
  if (images.length > 0) messages.push({ role: "user", content: userContent(images, capabilities) });
  return messages;
}

/** Text alone goes as a string, which every server takes. */
function userContent(parts: readonly ContentPart[], capabilities: Capabilities): unknown {
  if (!parts.some((part) => part.type === "input_image")) return partsText(parts);
  return parts.map((part) => {
    if (part.type !== "input_image") return { type: "text", text: partsText([part]) };
    if (!capabilities.images || part.image_url === undefined) return { type: "text", text: IMAGE_LEFT_OUT };
    const detail = part.detail === undefined ? {} : { detail: part.detail };
    return { type: "image_url", image_url: { url: part.image_url, ...detail } };
  });
}
