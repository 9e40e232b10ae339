import type { TokenUsage } from "@quire/protocol";
import { type Fields, fieldsOf, isFields } from "../../transport/json-fields.ts";

/**
 * The usage that a chunk carries, null when it has none. Besides OpenAI's form: DeepSeek and Moonshot count cached
 * tokens beside the total, Groq wraps its usage, and llama.cpp without `stream_options` gives timings only.
 */
export function chatUsage(chunk: Fields): TokenUsage | null {
  const said = [chunk.usage, fieldsOf(chunk.x_groq).usage].find(isFields);
  const timings = fieldsOf(chunk.timings);
  if (said !== undefined) return fromUsage(said, timings);
  if (typeof timings.prompt_n !== "number") return null;
  const cached = count(timings.cache_n);
  return usage(count(timings.prompt_n) + cached, cached, 0, count(timings.predicted_n), 0);
}

function fromUsage(said: Fields, timings: Fields): TokenUsage {
  const input = fieldsOf(said.prompt_tokens_details);
  const output = fieldsOf(said.completion_tokens_details);
  const cached = [
    input.cached_tokens,
    said.prompt_cache_hit_tokens,
    said.cached_tokens,
    timings.cache_n,
  ].find((value) => typeof value === "number");
  const total = count(said.prompt_tokens);
  return usage(
    total,
    Math.min(total, count(cached)),
    count(input.cache_write_tokens),
    count(said.completion_tokens),
    count(output.reasoning_tokens),
  );
}

function usage(
  input: number,
  cached: number,
  written: number,
  output: number,
  reasoning: number,
): TokenUsage {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    cache_write_input_tokens: written,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
  };
}

function count(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}
