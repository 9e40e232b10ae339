import type {
  ContentPart,
  MessageItem,
  ReasoningItem,
  ResponseItem,
  ToolCall,
  ToolOutputBody,
} from "@quire/protocol";
import { isToolCall } from "@quire/protocol";

/** What an answer to a call says, and which call it answers. */
export interface ToolAnswer {
  callId: string;
  output: ToolOutputBody;
}

/**
 * The history as conversations are cut elsewhere: what the model said in one go, the answers to its calls in one go, and
 * one message after another of everybody else.
 */
export type Group =
  | { kind: "model"; reasoning: ReasoningItem[]; messages: MessageItem[]; calls: ToolCall[] }
  | { kind: "answers"; answers: ToolAnswer[] }
  | { kind: "message"; message: MessageItem };

/** Groups depend only on what stands before their end, so a history that grows keeps all its groups but the last. */
export function groupHistory(items: readonly ResponseItem[]): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    if (item.type === "web_search_call") continue;
    if (item.type === "function_call_output" || item.type === "custom_tool_call_output") {
      answersAt(groups).push({ callId: item.call_id, output: item.output });
    } else if (item.type === "message" && item.role !== "assistant") {
      groups.push({ kind: "message", message: item });
    } else {
      const group = modelAt(groups);
      if (isToolCall(item)) group.calls.push(item);
      else if (item.type === "reasoning") group.reasoning.push(item);
      else if (item.type === "message") group.messages.push(item);
    }
  }
  return groups;
}

function answersAt(groups: Group[]): ToolAnswer[] {
  const last = groups.at(-1);
  if (last?.kind === "answers") return last.answers;
  const answers: ToolAnswer[] = [];
  groups.push({ kind: "answers", answers });
  return answers;
}

function modelAt(groups: Group[]): Extract<Group, { kind: "model" }> {
  const last = groups.at(-1);
  if (last?.kind === "model") return last;
  const group: Group = { kind: "model", reasoning: [], messages: [], calls: [] };
  groups.push(group);
  return group;
}

/** Text and images of an output; what is neither is left out. */
export function outputParts(output: ToolOutputBody): ContentPart[] {
  return typeof output === "string" ? [{ type: "input_text", text: output }] : output;
}

export function partsText(parts: readonly ContentPart[]): string {
  return parts.map((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : "")).join("");
}

export const IMAGE_LEFT_OUT = "[An image was left out: this model takes no images.]";
