import { type ResponseItem, ResponseItemSchema } from "@quire/protocol";
import type { ModelEvent } from "../../model-client.ts";
import { type Ending, type Failure, failed, type StreamDecoder } from "../../transport/ending.ts";
import { type Fields, fieldsOf, isFields, parseFields, textOr } from "../../transport/json-fields.ts";
import { type CallFacts, refusalFailure } from "../../transport/refusal.ts";
import { serverErrorOf } from "../../transport/server-error.ts";
import { incompleteFailure, malformed, nothingKnown } from "../../transport/stream-failures.ts";
import { tokenLogprobs } from "../history/token-logprobs.ts";
import { usageOf } from "./usage.ts";

const API = "Responses API";

type Emit = (event: ModelEvent) => void;

/** Item types that `ResponseItemSchema` knows; one of these in a wrong shape is damage, another type is news. */
const KNOWN_ITEMS: ReadonlySet<unknown> = new Set([
  "message",
  "reasoning",
  "function_call",
  "custom_tool_call",
  "function_call_output",
  "custom_tool_call_output",
  "web_search_call",
]);

/** An item that has begun. What a message says is kept until the item is done, so that a cut-off one is not lost. */
interface OpenItem {
  itemId: string;
  isMessage: boolean;
  text: string;
}

/** Reads the events of one response. Fields of deltas are looked at by hand: there may be 20,000 of them. */
export function createResponsesDecoder(facts: CallFacts, note: (text: string) => void): StreamDecoder {
  return new ResponsesDecoder(facts, note);
}

class ResponsesDecoder implements StreamDecoder {
  readonly #facts: CallFacts;
  readonly #note: (text: string) => void;
  /** By output index. */
  readonly #open = new Map<number, OpenItem>();
  readonly #doneIndexes = new Set<number>();
  readonly #doneIds = new Set<unknown>();
  readonly #unknownTypes = new Set<string>();
  #done = 0;
  #delivered = 0;

  constructor(facts: CallFacts, note: (text: string) => void) {
    this.#facts = facts;
    this.#note = note;
  }

  feed(data: string, eventName: string | undefined, emit: Emit): Ending | null {
    if (data === "[DONE]") return null;
    const event = parseFields(data);
    if (event === null) return failed(malformed(API, "one of its events is not a JSON object", data));
    switch (event.type ?? eventName) {
      case "response.output_text.delta":
      case "response.refusal.delta":
        return this.#textDelta(event, emit);
      case "response.reasoning_summary_text.delta":
        return this.#reasoningDelta(event, event.summary_index, emit);
      case "response.reasoning_text.delta":
        return this.#reasoningDelta(event, event.content_index, emit);
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.#toolInputDelta(event, emit);
      case "response.output_item.added":
        return this.#itemAdded(event, emit);
      case "response.output_item.done":
        return this.#itemDone(event, emit);
      case "response.completed":
        return this.#completed(fieldsOf(event.response), emit);
      case "response.incomplete":
        return this.#incomplete(fieldsOf(event.response), emit);
      case "response.failed":
      case "error":
        return this.#refused(isFields(event.response) ? event.response : event);
      default:
        return null;
    }
  }

  /** Some endpoints leave out the ids of items; their place in the response names them as well. */
  #itemIdOf(event: Fields): string {
    const index = indexOf(event);
    return textOr(event.item_id, this.#open.get(index)?.itemId ?? `output_${index}`);
  }

  #textDelta(event: Fields, emit: Emit): null {
    if (typeof event.delta !== "string") return null;
    const item = this.#open.get(indexOf(event));
    if (item !== undefined) item.text += event.delta;
    const itemId = this.#itemIdOf(event);
    const { delta } = event;
    // Empty unless they were asked for.
    const logprobs = Array.isArray(event.logprobs) && event.logprobs.length > 0 ? event.logprobs : null;
    if (logprobs === null) emit({ type: "text_delta", itemId, delta });
    else emit({ type: "text_delta", itemId, delta, logprobs: tokenLogprobs(logprobs) });
    return null;
  }

  #reasoningDelta(event: Fields, index: unknown, emit: Emit): null {
    if (typeof event.delta !== "string") return null;
    const summaryIndex = typeof index === "number" ? index : 0;
    emit({ type: "reasoning_delta", itemId: this.#itemIdOf(event), summaryIndex, delta: event.delta });
    return null;
  }

  #toolInputDelta(event: Fields, emit: Emit): null {
    if (typeof event.delta !== "string") return null;
    emit({ type: "tool_input_delta", itemId: this.#itemIdOf(event), delta: event.delta });
    return null;
  }

  #itemAdded(event: Fields, emit: Emit): null {
    const item = fieldsOf(event.item);
    const index = indexOf(event);
    const itemId = textOr(item.id, `output_${index}`);
    this.#open.set(index, { itemId, isMessage: item.type === "message", text: "" });
    const parsed = ResponseItemSchema.safeParse(item);
    if (parsed.success) emit({ type: "item_started", itemId, item: parsed.data });
    return null;
  }

  #itemDone(event: Fields, emit: Emit): Ending | null {
    const failure = this.#deliver(indexOf(event), event.item, emit);
    return failure === null ? null : failed(failure);
  }

  /** Null when the item was passed on or may be skipped, otherwise why the response is broken. */
  #deliver(index: number, item: unknown, emit: Emit): Failure | null {
    this.#open.delete(index);
    this.#doneIndexes.add(index);
    this.#doneIds.add(fieldsOf(item).id);
    this.#done++;
    const parsed = ResponseItemSchema.safeParse(item);
    if (parsed.success) {
      this.#delivered++;
      emit({ type: "item_done", item: parsed.data });
      return null;
    }
    const type = fieldsOf(item).type;
    if (typeof type === "string" && !KNOWN_ITEMS.has(type)) {
      this.#unknownTypes.add(type);
      this.#note(
        `The model "${this.#facts.model}" sent an item of the unknown type "${type}"; it was skipped.`,
      );
      return null;
    }
    const shown = JSON.stringify(item) ?? "nothing";
    return malformed(API, `an item of type ${JSON.stringify(type)} has a wrong shape`, shown);
  }

  /**
   * Items that only the closing event holds: not every endpoint announces each one before. An item must never come
   * twice, since calls are run; so it is left out when its place, its id or the mere count says that it was there.
   */
  #deliverRest(response: Fields, emit: Emit): Failure | null {
    const output: readonly unknown[] = Array.isArray(response.output) ? response.output : [];
    if (this.#done >= output.length) return null;
    for (const [index, item] of output.entries()) {
      const id = fieldsOf(item).id;
      if (this.#doneIndexes.has(index) || (id !== undefined && this.#doneIds.has(id))) continue;
      const failure = this.#deliver(index, item, emit);
      if (failure !== null) return failure;
    }
    return null;
  }

  #completed(response: Fields, emit: Emit): Ending {
    const usage = usageOf(response.usage);
    const failure = this.#deliverRest(response, emit);
    if (failure !== null) return failed(failure, usage);
    if (this.#delivered === 0 && this.#unknownTypes.size > 0) {
      return failed(nothingKnown(API, this.#unknownTypes), usage);
    }
    const completion = { responseId: textOr(response.id, null), usage, model: textOr(response.model, null) };
    return { kind: "completed", completion };
  }

  #incomplete(response: Fields, emit: Emit): Ending {
    const usage = usageOf(response.usage);
    const failure = this.#deliverRest(response, emit);
    if (failure !== null) return failed(failure, usage);
    for (const item of this.#open.values()) {
      if (item.isMessage && item.text !== "") emit({ type: "item_done", item: cutMessage(item) });
    }
    const reason = fieldsOf(response.incomplete_details).reason;
    return failed(incompleteFailure(textOr(reason, "not given")), usage);
  }

  #refused(said: Fields): Ending {
    const error = serverErrorOf(said, this.#facts.nowMs);
    return failed(refusalFailure({ status: null, headers: {}, error }, this.#facts), usageOf(said.usage));
  }
}

function indexOf(event: Fields): number {
  return typeof event.output_index === "number" ? event.output_index : 0;
}

function cutMessage(item: OpenItem): ResponseItem {
  return {
    type: "message",
    id: item.itemId,
    role: "assistant",
    status: "incomplete",
    content: [{ type: "output_text", text: item.text }],
  };
}
