import type { ModelRequest } from "@quire/models";
import type { Upstream } from "../upstream/upstream.ts";
import { requireFeature } from "./refusals.ts";

/** Temperature and top_p where they are set to something; 1 is what providers take when nothing is said. */
export function samplingOf(
  { temperature, top_p }: { temperature?: number | null | undefined; top_p?: number | null | undefined },
  upstream: Upstream,
): NonNullable<ModelRequest["sampling"]> | null {
  const sampling: { temperature?: number; topP?: number } = {};
  if (typeof temperature === "number" && temperature !== 1) {
    requireFeature(upstream, "sampling", "temperature");
    sampling.temperature = temperature;
  }
  if (typeof top_p === "number" && top_p !== 1) {
    requireFeature(upstream, "sampling", "top_p");
    sampling.topP = top_p;
  }
  return Object.keys(sampling).length === 0 ? null : sampling;
}
