import { refusedParameter } from "../http/api-error.ts";
import type { Upstream, UpstreamFeature } from "../upstream/upstream.ts";

/** Refuses a parameter that the provider of this model cannot honour. */
export function requireFeature(upstream: Upstream, feature: UpstreamFeature, param: string): void {
  if (upstream.features.has(feature)) return;
  throw refusedParameter(param, `The provider "${upstream.id}" cannot honour '${param}'.`);
}

/** What text and chat completions have and no provider here can be asked for: the values that change nothing, and why. */
export const REFUSED_SAMPLING = [
  ["frequency_penalty", [0], "providers differ in what they make of it"],
  ["presence_penalty", [0], "providers differ in what they make of it"],
  ["logit_bias", [], "tokens differ between providers"],
] as const;

/** Refuses a parameter that is present with another value than the ones that change nothing. */
export function requireNeutral(
  value: unknown,
  param: string,
  neutral: readonly unknown[],
  why: string,
): void {
  if (value === undefined || value === null || neutral.includes(value)) return;
  if (typeof value === "object" && Object.keys(value).length === 0) return;
  throw refusedParameter(param, `'${param}' is not supported by this gateway: ${why}.`);
}
