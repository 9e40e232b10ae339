import * as z from "zod/mini";

const count = z.number().check(z.nonnegative());

/** Tokens of one response, one turn or one thread. `cached` is part of `input`, `reasoning` part of `output`. */
export const TokenUsageSchema = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  cache_write_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});
export type TokenUsage = z.infer<typeof TokenUsageSchema>;

export const NO_USAGE: TokenUsage = Object.freeze({
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
});

export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    cache_write_input_tokens: a.cache_write_input_tokens + b.cache_write_input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    reasoning_output_tokens: a.reasoning_output_tokens + b.reasoning_output_tokens,
  };
}

/** The share of `after` that `before` does not account for; used to tell a turn's usage from a thread's. */
export function subtractUsage(after: TokenUsage, before: TokenUsage): TokenUsage {
  return {
    input_tokens: after.input_tokens - before.input_tokens,
    cached_input_tokens: after.cached_input_tokens - before.cached_input_tokens,
    cache_write_input_tokens: after.cache_write_input_tokens - before.cache_write_input_tokens,
    output_tokens: after.output_tokens - before.output_tokens,
    reasoning_output_tokens: after.reasoning_output_tokens - before.reasoning_output_tokens,
  };
}

/**
 * Money in US dollars. `unknown` is an answer of its own: a model without a published price costs an unknown amount,
 * never nothing. `priced_as_of` is the date of the price list that was used.
 */
export const CostSchema = z.union([
  z.object({ kind: z.literal("known"), usd: z.number(), priced_as_of: z.string() }),
  z.object({ kind: z.literal("unknown"), reason: z.string() }),
]);
export type Cost = z.infer<typeof CostSchema>;

/** What requests were expected to take, told before they were sent. `usd` counts the input; null without a price. */
export const ExpectedSchema = z.object({
  input: z.number(),
  cached: z.number(),
  usd: z.nullable(z.number()),
});
