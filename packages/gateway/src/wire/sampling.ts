import type { ModelRequest } from "@quire/models";
import type { Upstream } from "../upstream/upstream.ts";
import { requireFeature } from "./refusals.ts";

interface WireSampling {
  temperature?: number | null | undefined;
  top_p?: number | null | undefined;
  seed?: number | null | undefined;
}

/** What is set to something; 1 is what providers take for temperature and top_p when nothing is said. */
export function samplingOf(
  { temperature, top_p, seed }: WireSampling,
  upstream: Upstream,
): NonNullable<ModelRequest["sampling"]> | null {
  const sampling: { temperature?: number; topP?: number; seed?: number } = {};
  if (typeof temperature === "number" && temperature !== 1) {
    requireFeature(upstream, "sampling", "temperature");
    sampling.temperature = temperature;
  }
  if (typeof top_p === "number" && top_p !== 1) {
    requireFeature(upstream, "sampling", "top_p");
    sampling.topP = top_p;
  }
  if (typeof seed === "number") {
    requireFeature(upstream, "seed", "seed");
    sampling.seed = seed;
  }
  return Object.keys(sampling).length === 0 ? null : sampling;
}
