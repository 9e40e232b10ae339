import type { Capabilities } from "../endpoint.ts";
import type { ModelEntry } from "./model-entry.ts";

/**
 * What a catalogue entry says about requests to its model. What no source states is left out, and so are the efforts: a
 * list of published ones lags behind, and an effort that somebody asked for is not exchanged for another on its word.
 */
export function modelCapabilities(model: ModelEntry): Partial<Capabilities> {
  return {
    ...(model.modalities === null ? {} : { images: model.modalities.includes("image") }),
    ...(model.output_limit === null ? {} : { maxOutputTokens: model.output_limit }),
  };
}
