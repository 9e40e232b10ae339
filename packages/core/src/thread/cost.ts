import type { Cost } from "@quire/protocol";

/**
 * Adds up money. One unknown part makes the sum unknown: a total that leaves something out would be a lie. Null is the
 * sum of nothing.
 */
export function addCost(a: Cost | null, b: Cost | null): Cost | null {
  if (a === null) return b;
  if (b === null) return a;
  if (a.kind === "unknown") return a;
  if (b.kind === "unknown") return b;
  return { kind: "known", usd: a.usd + b.usd, priced_as_of: earlierDate(a.priced_as_of, b.priced_as_of) };
}

/** ISO dates sort as text. The older price list is named: the sum is no better than it. */
function earlierDate(a: string, b: string): string {
  return [a, b].sort()[0] ?? a;
}
