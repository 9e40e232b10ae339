import type { ContentPart, MessageItem, ResponseItem, ToolOutputBody } from "@quire/protocol";
import { invalidValue, refusedParameter } from "../http/api-error.ts";
import { checkImageUrl, type ReadFile } from "../responses/input-items.ts";
import type { ChatMessage, UserPart } from "./chat-request.ts";

export interface ChatInputDeps {
  readFile: ReadFile;
  takesImages: boolean;
}

/** The messages as the model interface has them: what stands first from the system or the developer is the instructions. */
export async function readMessages(
  messages: readonly ChatMessage[],
  deps: ChatInputDeps,
): Promise<{ instructions: string; input: ResponseItem[] }> {
  const first = messages.findIndex((message) => message.role !== "system" && message.role !== "developer");
  const leading = first < 0 ? messages.length : first;
  const instructions = messages
    .slice(0, leading)
    .map((message) =>
      message.role === "system" || message.role === "developer" ? plainText(message.content) : "",
    )
    .join("\n\n");
  const input: ResponseItem[] = [];
  const custom = new Set<string>();
  for (const [offset, message] of messages.slice(leading).entries()) {
    input.push(...(await itemsOf(message, `messages[${leading + offset}]`, custom, deps)));
  }
  if (input.length === 0) {
    throw invalidValue("messages", "There has to be a message that is not the system's or the developer's.");
  }
  return { instructions, input };
}

async function itemsOf(
  message: ChatMessage,
  param: string,
  custom: Set<string>,
  deps: ChatInputDeps,
): Promise<ResponseItem[]> {
  switch (message.role) {
    case "system":
    case "developer":
      return [say(message.role, [{ type: "input_text", text: plainText(message.content) }])];
    case "user":
      return [say("user", await userParts(message.content, `${param}.content`, deps))];
    case "tool": {
      const type = custom.has(message.tool_call_id) ? "custom_tool_call_output" : "function_call_output";
      const output: ToolOutputBody = plainText(message.content);
      return [{ type, call_id: message.tool_call_id, output }];
    }
    case "assistant":
      for (const field of ["audio", "function_call"] as const) {
        if (message[field] === undefined || message[field] === null) continue;
        throw refusedParameter(
          `${param}.${field}`,
          `'${field}' of a message is not supported; use tool_calls.`,
        );
      }
      return assistantItems(message, custom);
  }
}

function assistantItems(
  message: Extract<ChatMessage, { role: "assistant" }>,
  custom: Set<string>,
): ResponseItem[] {
  const items: ResponseItem[] = [];
  const parts: ContentPart[] = [];
  const { content, refusal } = message;
  if (typeof content === "string") {
    if (content !== "") parts.push({ type: "output_text", text: content });
  } else {
    for (const part of content ?? []) {
      parts.push(
        part.type === "text"
          ? { type: "output_text", text: part.text }
          : { type: "refusal", refusal: part.refusal },
      );
    }
  }
  if (refusal) parts.push({ type: "refusal", refusal });
  if (parts.length > 0) items.push(say("assistant", parts));
  for (const call of message.tool_calls ?? []) {
    if (call.type === "function") {
      const { name, arguments: text } = call.function;
      items.push({ type: "function_call", call_id: call.id, name, arguments: text });
    } else {
      custom.add(call.id);
      items.push({
        type: "custom_tool_call",
        call_id: call.id,
        name: call.custom.name,
        input: call.custom.input,
      });
    }
  }
  return items;
}

async function userParts(
  content: string | readonly UserPart[],
  param: string,
  deps: ChatInputDeps,
): Promise<ContentPart[]> {
  if (typeof content === "string") return [{ type: "input_text", text: content }];
  const parts: ContentPart[] = [];
  for (const [index, part] of content.entries()) {
    const at = `${param}[${index}]`;
    if (part.type === "text") parts.push({ type: "input_text", text: part.text });
    else if (part.type === "file") parts.push(...(await deps.readFile(part.file, `${at}.file`)));
    else {
      const { url, detail } = part.image_url;
      checkImageUrl(url, `${at}.image_url.url`);
      if (!deps.takesImages) throw refusedParameter(at, "The model's provider takes no images.");
      parts.push({ type: "input_image", image_url: url, ...(detail ? { detail } : {}) });
    }
  }
  return parts;
}

function plainText(content: string | readonly { text: string }[]): string {
  return typeof content === "string" ? content : content.map((part) => part.text).join("");
}

function say(role: MessageItem["role"], content: ContentPart[]): ResponseItem {
  return { type: "message", role, content };
}
