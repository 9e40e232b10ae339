import type { RateLimit } from "@quire/protocol";
import type { PlanLimits, RateLimitWindow } from "@quire/protocol/app-server";

/**
 * What endpoints said last of the shares of a plan, in the shape that Codex's clients show. Limits of requests and tokens
 * have no place in it: they are told per thread.
 */
export class PlanLimitsView {
  #primary: RateLimitWindow | null = null;
  #secondary: RateLimitWindow | null = null;

  /** Null for a window that no endpoint has spoken of since this process began. */
  get current(): PlanLimits {
    return {
      limitId: null,
      limitName: null,
      normalModelSlug: null,
      primary: this.#primary,
      secondary: this.#secondary,
      credits: null,
      individualLimit: null,
      spendControlReached: null,
      planType: null,
      rateLimitReachedType: null,
    };
  }

  /** Whether the limits of an answer say anything of a plan. */
  take(limits: readonly RateLimit[]): boolean {
    const primary = windowOf(limits, "primary");
    const secondary = windowOf(limits, "secondary");
    this.#primary = primary ?? this.#primary;
    this.#secondary = secondary ?? this.#secondary;
    return primary !== null || secondary !== null;
  }
}

function windowOf(limits: readonly RateLimit[], wanted: string): RateLimitWindow | null {
  const limit = limits.find(({ name }) => name === wanted);
  if (limit === undefined || limit.usedPercent === null) return null;
  const resetsAt = limit.resetAt === null ? null : Math.ceil(limit.resetAt);
  return { usedPercent: Math.round(limit.usedPercent), windowDurationMins: null, resetsAt };
}
