import type { ReasoningItem } from "@quire/protocol";

/**
 * Reasoning goes back only to the wire API that it came from: what proves or continues a thought there means nothing
 * elsewhere. Chat endpoints' reasoning is text in a field of their own; Anthropic's text has a signature.
 */
export type ReasoningOrigin =
  | { kind: "responses" }
  | { kind: "chat"; field: ChatReasoningField }
  | { kind: "anthropic"; block: AnthropicThinking };

/** The two names under which chat endpoints send reasoning text. */
export type ChatReasoningField = "reasoning_content" | "reasoning";

export type AnthropicThinking =
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string };

const THINKING = "anthropic-thinking:";
const REDACTED = "anthropic-redacted:";

export function reasoningOrigin(item: ReasoningItem): ReasoningOrigin {
  const field = item.chat_field;
  if (field === "reasoning_content" || field === "reasoning") return { kind: "chat", field };
  const opaque = item.encrypted_content ?? "";
  if (opaque.startsWith(THINKING)) {
    const block = { type: "thinking", thinking: reasoningText(item), signature: "" } as const;
    return { kind: "anthropic", block: { ...block, signature: opaque.slice(THINKING.length) } };
  }
  if (opaque.startsWith(REDACTED)) {
    const block = { type: "redacted_thinking", data: opaque.slice(REDACTED.length) } as const;
    return { kind: "anthropic", block };
  }
  return { kind: "responses" };
}

/** The text of an item, in whichever place it stands. */
export function reasoningText(item: ReasoningItem): string {
  return [...item.summary, ...(item.content ?? [])].map((part) => part.text).join("");
}

export function chatReasoning(id: string, field: ChatReasoningField, text: string): ReasoningItem {
  return { type: "reasoning", id, summary: [{ type: "summary_text", text }], chat_field: field };
}

export function anthropicReasoning(id: string, block: AnthropicThinking): ReasoningItem {
  return block.type === "thinking"
    ? {
        type: "reasoning",
        id,
        summary: [{ type: "summary_text", text: block.thinking }],
        encrypted_content: `${THINKING}${block.signature}`,
      }
    : { type: "reasoning", id, summary: [], encrypted_content: `${REDACTED}${block.data}` };
}
