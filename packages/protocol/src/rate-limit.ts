import * as z from "zod/mini";

/** One limit of an endpoint, as it told it with its last answer. Null is not told. */
export const RateLimitSchema = z.object({
  /** "requests", "tokens", "input-tokens", "output-tokens"; "primary" and "secondary" are shares of a plan. */
  name: z.string(),
  limit: z.nullable(z.number()),
  remaining: z.nullable(z.number()),
  /** Of a plan's share, 0 to 100. */
  usedPercent: z.nullable(z.number()),
  /** Unix seconds at which it is full again. */
  resetAt: z.nullable(z.number()),
});
export type RateLimit = z.infer<typeof RateLimitSchema>;

/** How much of a limit is used, 0 to 100; null where the endpoint says too little to tell. */
export function usedShare({ limit, remaining, usedPercent }: RateLimit): number | null {
  if (usedPercent !== null) return usedPercent;
  if (limit === null || remaining === null || limit <= 0) return null;
  return Math.min(100, Math.max(0, 100 - (100 * remaining) / limit));
}

/** From this share on a limit is worth a word. */
export const TIGHT_SHARE = 80;

/** The limits that are nearly used up, the tightest first. */
export function tightLimits(limits: readonly RateLimit[]): RateLimit[] {
  const share = (limit: RateLimit) => usedShare(limit) ?? 0;
  return limits.filter((limit) => share(limit) >= TIGHT_SHARE).sort((a, b) => share(b) - share(a));
}
