import {
  type ContentPart,
  isToolOutput,
  type MessageItem,
  type ReasoningItem,
  type ResponseItem,
  type ToolCall,
  type ToolOutputBody,
} from "@quire/protocol";

/** What an answer to a call says, and which call it answers. */
export interface ToolAnswer {
  callId: string;
  output: ToolOutputBody;
}

/** What the model itself said; an order that it has to keep where thoughts stand between words. */
export type ModelItem = ReasoningItem | MessageItem | ToolCall;

/**
 * The history as conversations are cut elsewhere, each group with the items that it was made of: what the model said in one go, the answers to its calls in one go, and
 * one message after another of everybody else.
 */
export type Group =
  | { kind: "model"; items: ModelItem[]; source: ResponseItem[] }
  | { kind: "answers"; answers: ToolAnswer[]; source: ResponseItem[] }
  | { kind: "message"; message: MessageItem; source: ResponseItem[] };

/** Groups depend only on what stands before their end, so a history that grows keeps all its groups but the last. */
export function groupHistory(items: readonly ResponseItem[]): Group[] {
  const groups: Group[] = [];
  for (const item of items) {
    if (item.type === "web_search_call") continue;
    if (isToolOutput(item)) {
      const group = answersAt(groups);
      group.source.push(item);
      group.answers.push({ callId: item.call_id, output: item.output });
    } else if (item.type === "message" && item.role !== "assistant") {
      groups.push({ kind: "message", message: item, source: [item] });
    } else {
      const group = modelAt(groups);
      group.source.push(item);
      group.items.push(item);
    }
  }
  return groups;
}

function answersAt(groups: Group[]): Extract<Group, { kind: "answers" }> {
  const last = groups.at(-1);
  if (last?.kind === "answers") return last;
  const group: Group = { kind: "answers", answers: [], source: [] };
  groups.push(group);
  return group;
}

function modelAt(groups: Group[]): Extract<Group, { kind: "model" }> {
  const last = groups.at(-1);
  if (last?.kind === "model") return last;
  const group: Group = { kind: "model", items: [], source: [] };
  groups.push(group);
  return group;
}

/**
 * The orders that stand before the first word of the user. They belong to the instructions: many models know only one
 * system message, at the top.
 */
export function splitOrders(groups: readonly Group[]): { orders: MessageItem[]; rest: readonly Group[] } {
  const orders: MessageItem[] = [];
  for (const group of groups) {
    if (group.kind !== "message" || !isOrder(group.message)) break;
    orders.push(group.message);
  }
  return { orders, rest: groups.slice(orders.length) };
}

export function isOrder(message: MessageItem): boolean {
  return message.role === "developer" || message.role === "system";
}

/** The instructions and the leading orders as one text. */
export function systemText(instructions: string, orders: readonly MessageItem[]): string {
  return [instructions, ...orders.map((message) => partsText(message.content))]
    .filter((text) => text !== "")
    .join("\n\n");
}

/** Text and images of an output; what is neither is left out. */
export function outputParts(output: ToolOutputBody): ContentPart[] {
  return typeof output === "string" ? [{ type: "input_text", text: output }] : output;
}

export function partsText(parts: readonly ContentPart[]): string {
  return parts.map((part) => ("text" in part ? part.text : "refusal" in part ? part.refusal : "")).join("");
}

export const IMAGE_LEFT_OUT = "[An image was left out: this model takes no images.]";
