import type { ResponseItem } from "@quire/protocol";
import type { ModelEvent } from "../../model-client.ts";
import { type Ending, type Failure, failed, type StreamDecoder } from "../../transport/ending.ts";
import { type Fields, fieldsOf, parseFields, textOr } from "../../transport/json-fields.ts";
import { type CallFacts, refusalFailure } from "../../transport/refusal.ts";
import { serverErrorOf } from "../../transport/server-error.ts";
import { incompleteFailure, malformed } from "../../transport/stream-failures.ts";
import { anthropicReasoning } from "../history/reasoning-origin.ts";
import { ANSWER_TOOL } from "./request-body.ts";
import { contextFull, declined } from "./stop-failures.ts";
import { AnthropicUsage } from "./usage.ts";

type Emit = (event: ModelEvent) => void;
const API = "Messages API";

/** A content block that has begun. An answer that comes through its tool is a message like any other. */
interface OpenBlock {
  type: "text" | "thinking" | "redacted_thinking" | "tool_use";
  itemId: string;
  callId: string;
  name: string;
  pieces: string[];
  signature: string;
}

export interface AnthropicDecoderParts {
  facts: CallFacts;
  newId: (prefix: string) => string;
  note: (text: string) => void;
}

/** Reads the events of one message. */
export function createAnthropicDecoder(parts: AnthropicDecoderParts): StreamDecoder {
  return new AnthropicDecoder(parts);
}

class AnthropicDecoder implements StreamDecoder {
  readonly #parts: AnthropicDecoderParts;
  readonly #open = new Map<unknown, OpenBlock>();
  readonly #usage = new AnthropicUsage();
  #responseId: string | null = null;
  #model: string | null = null;
  #stopReason: string | null = null;

  constructor(parts: AnthropicDecoderParts) {
    this.#parts = parts;
  }

  feed(data: string, eventName: string | undefined, emit: Emit): Ending | null {
    const event = parseFields(data);
    if (event === null) return failed(malformed(API, "one of its events is not a JSON object", data));
    switch (event.type ?? eventName) {
      case "message_start": {
        const message = fieldsOf(event.message);
        this.#responseId = textOr(message.id, null);
        this.#model = textOr(message.model, null);
        this.#usage.take(message.usage);
        return null;
      }
      case "content_block_start":
        this.#start(event.index, fieldsOf(event.content_block), emit);
        return null;
      case "content_block_delta":
        this.#delta(event.index, fieldsOf(event.delta), emit);
        return null;
      case "content_block_stop":
        this.#stop(event.index, emit);
        return null;
      case "message_delta":
        this.#stopReason = textOr(fieldsOf(event.delta).stop_reason, this.#stopReason);
        this.#usage.take(event.usage);
        return null;
      case "message_stop":
        return this.#end(emit);
      case "error": {
        const error = serverErrorOf(event, this.#parts.facts.nowMs);
        const refusal = { status: null, headers: {}, error };
        return failed(refusalFailure(refusal, this.#parts.facts), this.#usage.total());
      }
      default:
        return null;
    }
  }

  #start(index: unknown, block: Fields, emit: Emit): void {
    const { newId, note } = this.#parts;
    const open = { itemId: "", callId: "", name: "", pieces: [], signature: "" };
    switch (block.type) {
      case "text":
        this.#open.set(index, { ...open, type: "text", itemId: newId("msg") });
        this.#delta(index, { type: "text_delta", text: block.text }, emit);
        return;
      case "thinking":
        this.#open.set(index, { ...open, type: "thinking", itemId: newId("rs") });
        this.#delta(index, { type: "thinking_delta", thinking: block.thinking }, emit);
        this.#delta(index, { type: "signature_delta", signature: block.signature }, emit);
        return;
      case "redacted_thinking":
        this.#open.set(index, {
          ...open,
          type: "redacted_thinking",
          itemId: newId("rs"),
          pieces: [textOr(block.data, "")],
        });
        return;
      case "tool_use": {
        const name = textOr(block.name, "");
        const itemId = newId(name === ANSWER_TOOL ? "msg" : "fc");
        const callId = textOr(block.id, "") || newId("toolu");
        this.#open.set(index, { ...open, type: "tool_use", itemId, callId, name });
        return;
      }
      default:
        note(`The model sent a block of the unknown type ${JSON.stringify(block.type)}; it was skipped.`);
    }
  }

  #delta(index: unknown, delta: Fields, emit: Emit): void {
    const block = this.#open.get(index);
    if (block === undefined) return;
    if (delta.type === "signature_delta") {
      block.signature += textOr(delta.signature, "");
      return;
    }
    this.#add(block, delta.text ?? delta.thinking ?? delta.partial_json, emit);
  }

  #add(block: OpenBlock, text: unknown, emit: Emit): void {
    if (typeof text !== "string" || text === "") return;
    block.pieces.push(text);
    const { itemId } = block;
    if (block.type === "thinking") emit({ type: "reasoning_delta", itemId, summaryIndex: 0, delta: text });
    else if (block.type === "text" || block.name === ANSWER_TOOL)
      emit({ type: "text_delta", itemId, delta: text });
    else emit({ type: "tool_input_delta", itemId, delta: text });
  }

  #stop(index: unknown, emit: Emit): void {
    const block = this.#open.get(index);
    if (block === undefined) return;
    this.#open.delete(index);
    const item = itemOf(block);
    if (item !== null) emit({ type: "item_done", item });
  }

  #end(emit: Emit): Ending {
    for (const index of [...this.#open.keys()]) this.#stop(index, emit);
    const usage = this.#usage.total();
    const failure = this.#failure();
    if (failure !== null) return failed(failure, usage);
    const completion = { responseId: this.#responseId, usage, model: this.#model };
    return { kind: "completed", completion };
  }

  #failure(): Failure | null {
    switch (this.#stopReason) {
      case "max_tokens":
        return incompleteFailure("max_output_tokens");
      case "model_context_window_exceeded":
        return contextFull();
      case "refusal":
        return declined();
      default:
        return null;
    }
  }
}

function itemOf(block: OpenBlock): ResponseItem | null {
  const id = block.itemId;
  const text = block.pieces.join("");
  switch (block.type) {
    case "thinking":
      return anthropicReasoning(id, { type: "thinking", thinking: text, signature: block.signature });
    case "redacted_thinking":
      return anthropicReasoning(id, { type: "redacted_thinking", data: text });
    case "tool_use":
      if (block.name !== ANSWER_TOOL) {
        const args = text === "" ? "{}" : text;
        return { type: "function_call", id, call_id: block.callId, name: block.name, arguments: args };
      }
  }
  if (text === "") return null;
  return { type: "message", id, role: "assistant", content: [{ type: "output_text", text }] };
}
