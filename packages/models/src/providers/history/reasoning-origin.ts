import type { ReasoningItem } from "@quire/protocol";

/**
 * Reasoning goes back only to the wire API that it came from: what proves or continues a thought there means nothing
 * elsewhere. Chat endpoints' reasoning is text in a field of their own; Anthropic's text has a signature.
 */
export type ReasoningOrigin =
  | { kind: "responses" }
  | { kind: "chat"; field: ChatReasoningField }
  | { kind: "anthropic"; block: AnthropicThinking }
  /** Its text is no longer what was signed, because a secret was taken out of it; the endpoint would refuse it. */
  | { kind: "altered" };

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
    const [seal = "", ...signature] = opaque.slice(THINKING.length).split(":");
    const thinking = reasoningText(item);
    if (seal !== sealOf(thinking)) return { kind: "altered" };
    return { kind: "anthropic", block: { type: "thinking", thinking, signature: signature.join(":") } };
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
        encrypted_content: `${THINKING}${sealOf(block.thinking)}:${block.signature}`,
      }
    : { type: "reasoning", id, summary: [], encrypted_content: `${REDACTED}${block.data}` };
}

/** Tells a changed text from the one that was signed (FNV-1a); nothing is kept safe by it. */
function sealOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
