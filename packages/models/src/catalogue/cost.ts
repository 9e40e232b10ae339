import type { Cost, TokenUsage } from "@quire/protocol";
import type { ModelEntry, PriceReading } from "./model-entry.ts";

/** The reading that prices are worked out with: of those with figures the newest source's. */
export function priceInUse(model: ModelEntry): PriceReading | null {
  return model.prices.findLast((reading) => reading.input !== null && reading.output !== null) ?? null;
}

/** What a usage costs. One unknown share makes the whole unknown: a sum with a gap would look like a price. */
export function costOf(usage: TokenUsage, model: ModelEntry): Cost {
  const price = priceInUse(model);
  if (price === null || price.input === null || price.output === null) {
    const words = model.prices.at(-1)?.words;
    const said = words === undefined ? "" : ` (its source says "${words}")`;
    return { kind: "unknown", reason: `no price of "${model.id}" is known${said}` };
  }
  const cached = usage.cached_input_tokens;
  if (cached > 0 && price.cached_input === null) {
    return { kind: "unknown", reason: `no price of "${model.id}" for cached input is known` };
  }
  const written = price.cache_write_input == null ? 0 : usage.cache_write_input_tokens;
  const plain = Math.max(0, usage.input_tokens - cached - written);
  const total =
    plain * price.input +
    cached * (price.cached_input ?? 0) +
    written * (price.cache_write_input ?? 0) +
    usage.output_tokens * price.output;
  return { kind: "known", usd: total / 1_000_000, priced_as_of: price.as_of };
}
