import type { TokenUsage } from "@quire/protocol";
import type { ModelEvent, TokenLogprob } from "../../model-client.ts";
import { type Ending, failed, type StreamDecoder } from "../../transport/ending.ts";
import { fieldsOf, parseFields, textOr } from "../../transport/json-fields.ts";
import { type CallFacts, refusalFailure } from "../../transport/refusal.ts";
import { serverErrorOf } from "../../transport/server-error.ts";
import { incompleteFailure, malformed } from "../../transport/stream-failures.ts";
import { chatUsage } from "../chat/usage.ts";
import { listedLogprobs } from "../history/token-logprobs.ts";

type Emit = (event: ModelEvent) => void;

/**
 * Reads the chunks of one completion. Reaching the output limit is how completions usually end, so it is no failure
 * here and only said; what a filter cut off is.
 */
export function createCompletionDecoder(facts: CallFacts, newId: (prefix: string) => string): StreamDecoder {
  const itemId = newId("msg");
  let text = "";
  let finish: string | null = null;
  let usage: TokenUsage | null = null;
  let responseId: string | null = null;
  let model: string | null = null;
  let chances: TokenLogprob[] = [];

  function end(emit: Emit): Ending {
    const item = { type: "message", id: itemId, role: "assistant" } as const;
    if (text !== "") emit({ type: "item_done", item: { ...item, content: [{ type: "output_text", text }] } });
    if (finish === "content_filter") return failed(incompleteFailure(finish), usage);
    const reachedLimit = finish === "length" ? { reachedLimit: true } : {};
    return { kind: "completed", completion: { responseId, usage, model, ...reachedLimit } };
  }

  return {
    feed(data, _eventName, emit) {
      if (data === "[DONE]") return end(emit);
      const chunk = parseFields(data);
      if (chunk === null) {
        return failed(malformed("Completions API", "one of its chunks is not a JSON object", data));
      }
      if (chunk.error !== undefined && chunk.error !== null) {
        const error = serverErrorOf(chunk, facts.nowMs);
        return failed(refusalFailure({ status: null, headers: {}, error }, facts), usage);
      }
      usage = chatUsage(chunk) ?? usage;
      responseId ??= textOr(chunk.id, null);
      model ??= textOr(chunk.model, null);
      const choice = Array.isArray(chunk.choices) ? fieldsOf(chunk.choices[0]) : {};
      const delta = textOr(choice.text, "");
      text += delta;
      if (choice.logprobs) chances.push(...listedLogprobs(choice.logprobs));
      if (delta !== "") {
        emit({ type: "text_delta", itemId, delta, ...(chances.length === 0 ? {} : { logprobs: chances }) });
        chances = [];
      }
      finish = textOr(choice.finish_reason, finish);
      return null;
    },
    close: (emit) => (finish === null ? null : end(emit)),
  };
}
