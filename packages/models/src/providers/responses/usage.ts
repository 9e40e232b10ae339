import type { TokenUsage } from "@quire/protocol";
import { fieldsOf, isFields } from "../../transport/json-fields.ts";

/** A response's `usage`; null when the endpoint gave none. */
export function usageOf(value: unknown): TokenUsage | null {
  if (!isFields(value)) return null;
  const input = fieldsOf(value.input_tokens_details);
  const output = fieldsOf(value.output_tokens_details);
  return {
    input_tokens: count(value.input_tokens),
    cached_input_tokens: count(input.cached_tokens),
    cache_write_input_tokens: count(input.cache_write_tokens),
    output_tokens: count(value.output_tokens),
    reasoning_output_tokens: count(output.reasoning_tokens),
  };
}

function count(value: unknown): number {
  return typeof value === "number" && value >= 0 ? value : 0;
}
