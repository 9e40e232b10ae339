import type { MessageItem, TokenUsage } from "@quire/protocol";
import type { ModelEvent, TokenLogprob, ToolSpec } from "../../model-client.ts";
import { type Ending, failed, type StreamDecoder } from "../../transport/ending.ts";
import { type Fields, fieldsOf, isFields, parseFields, textOr } from "../../transport/json-fields.ts";
import { type CallFacts, refusalFailure } from "../../transport/refusal.ts";
import { serverErrorOf } from "../../transport/server-error.ts";
import { incompleteFailure, malformed } from "../../transport/stream-failures.ts";
import { type ChatReasoningField, chatReasoning } from "../history/reasoning-origin.ts";
import { tokenLogprobs } from "../history/token-logprobs.ts";
import { CallPieces } from "./call-pieces.ts";
import { HeldText } from "./held-text.ts";
import { readTextCalls } from "./text-tool-calls.ts";
import { chatUsage } from "./usage.ts";

type Emit = (event: ModelEvent) => void;
const API = "Chat Completions API";

export interface ChatDecoderParts {
  facts: CallFacts;
  newId: (prefix: string) => string;
  /** Whose names are looked for in printed calls; empty when none are to be. */
  tools: readonly ToolSpec[];
  /** Whether JSON without a tag around it may be a call. */
  openJson: boolean;
}

/** Reads the chunks of one answer. Items are complete only at its end, so they come all at once then. */
export function createChatDecoder(parts: ChatDecoderParts): StreamDecoder {
  return new ChatDecoder(parts);
}

class ChatDecoder implements StreamDecoder {
  readonly #parts: ChatDecoderParts;
  readonly #held: HeldText;
  readonly #calls: CallPieces;
  readonly #text: string[] = [];
  readonly #thoughts: string[] = [];
  /** Of text that is not shown yet. */
  #chances: TokenLogprob[] = [];
  #thoughtField: ChatReasoningField = "reasoning_content";
  #textId: string | null = null;
  #thoughtId: string | null = null;
  #refusal = false;
  #finish: string | null = null;
  #usage: TokenUsage | null = null;
  #responseId: string | null = null;
  #model: string | null = null;

  constructor(parts: ChatDecoderParts) {
    this.#parts = parts;
    this.#held = new HeldText(parts.tools, parts.openJson);
    this.#calls = new CallPieces(parts.newId);
  }

  feed(data: string, _eventName: string | undefined, emit: Emit): Ending | null {
    if (data === "[DONE]") return this.#end(emit);
    const chunk = parseFields(data);
    if (chunk === null) return failed(malformed(API, "one of its chunks is not a JSON object", data));
    if (chunk.error !== undefined && chunk.error !== null) return this.#refused(chunk);
    this.#usage = chatUsage(chunk) ?? this.#usage;
    this.#responseId ??= textOr(chunk.id, null);
    this.#model ??= textOr(chunk.model, null);
    const choice = Array.isArray(chunk.choices) ? fieldsOf(chunk.choices[0]) : {};
    this.#usage = chatUsage(choice) ?? this.#usage;
    if (choice.logprobs) this.#weigh(fieldsOf(choice.logprobs));
    this.#delta(isFields(choice.delta) ? choice.delta : fieldsOf(choice.message), emit);
    this.#finish = textOr(choice.finish_reason, this.#finish);
    return null;
  }

  /** Not every server sends [DONE]; a body that ended properly after a finish reason is whole. */
  close(emit: Emit): Ending | null {
    return this.#finish === null ? null : this.#end(emit);
  }

  #delta(delta: Fields, emit: Emit): void {
    this.#thought(delta, "reasoning_content", emit);
    if (typeof delta.reasoning_content !== "string") this.#thought(delta, "reasoning", emit);
    this.#said(delta.content, emit);
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      this.#refusal = true;
      this.#show(delta.refusal, emit);
    }
    const pieces: readonly unknown[] = Array.isArray(delta.tool_calls) ? delta.tool_calls : [];
    for (const [place, piece] of pieces.entries()) {
      const added = this.#calls.add(fieldsOf(piece), place);
      if (added !== null) emit({ type: "tool_input_delta", ...added });
    }
  }

  #thought(delta: Fields, field: ChatReasoningField, emit: Emit): void {
    const text = delta[field];
    if (typeof text !== "string" || text === "") return;
    this.#thoughtField = field;
    this.#thoughtId ??= this.#parts.newId("rs");
    this.#thoughts.push(text);
    emit({ type: "reasoning_delta", itemId: this.#thoughtId, summaryIndex: 0, delta: text });
  }

  #weigh({ content, refusal }: Fields): void {
    this.#chances.push(...tokenLogprobs(content), ...tokenLogprobs(refusal));
  }

  /** Text, or a list of parts as a few gateways send it. */
  #said(content: unknown, emit: Emit): void {
    if (typeof content === "string") {
      if (content !== "") this.#show(this.#held.push(content), emit);
    } else if (Array.isArray(content)) {
      for (const part of content) this.#said(fieldsOf(part).text, emit);
    }
  }

  #show(text: string, emit: Emit): void {
    if (text === "") return;
    this.#textId ??= this.#parts.newId("msg");
    this.#text.push(text);
    const logprobs = this.#chances;
    this.#chances = [];
    emit({
      type: "text_delta",
      itemId: this.#textId,
      delta: text,
      ...(logprobs.length === 0 ? {} : { logprobs }),
    });
  }

  #end(emit: Emit): Ending {
    const held = this.#held.end();
    const printed =
      this.#calls.size > 0 || this.#finish === "length"
        ? { text: held, calls: [] }
        : readTextCalls(held, this.#parts.tools, this.#parts.openJson);
    this.#show(printed.text, emit);
    const failure = incompleteReason(this.#finish);
    if (this.#thoughts.length > 0) {
      const id = this.#thoughtId ?? this.#parts.newId("rs");
      emit({ type: "item_done", item: chatReasoning(id, this.#thoughtField, this.#thoughts.join("")) });
    }
    if (this.#text.length > 0) emit({ type: "item_done", item: this.#message(failure !== null) });
    if (failure !== null) return failed(incompleteFailure(failure), this.#usage);
    for (const item of this.#calls.items()) emit({ type: "item_done", item });
    for (const call of printed.calls) {
      const ids = { id: this.#parts.newId("fc"), call_id: this.#parts.newId("call") };
      emit({ type: "item_done", item: { type: "function_call", ...ids, ...call } });
    }
    const completion = { responseId: this.#responseId, usage: this.#usage, model: this.#model };
    return { kind: "completed", completion };
  }

  #message(cut: boolean): MessageItem {
    const text = this.#text.join("");
    return {
      type: "message",
      id: this.#textId ?? this.#parts.newId("msg"),
      role: "assistant",
      status: cut ? "incomplete" : "completed",
      content: [this.#refusal ? { type: "refusal", refusal: text } : { type: "output_text", text }],
    };
  }

  #refused(chunk: Fields): Ending {
    const error = serverErrorOf(chunk, this.#parts.facts.nowMs);
    return failed(refusalFailure({ status: null, headers: {}, error }, this.#parts.facts), this.#usage);
  }
}

/** Why an answer is not whole, in the words of the Responses API; null when it is. */
function incompleteReason(finish: string | null): string | null {
  if (finish === "length" || finish === "max_tokens") return "max_output_tokens";
  return finish === "content_filter" ? finish : null;
}
