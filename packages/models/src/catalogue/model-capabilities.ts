import type { Capabilities } from "../endpoint.ts";
import type { ModelEntry } from "./model-entry.ts";

/** What a catalogue entry says about requests to its model. What no source states is left out. */
export function modelCapabilities(model: ModelEntry): Partial<Capabilities> {
  return {
    ...(model.modalities === null ? {} : { images: model.modalities.includes("image") }),
    ...(model.efforts === null ? {} : { efforts: model.efforts }),
    ...(model.output_limit === null ? {} : { maxOutputTokens: model.output_limit }),
  };
}
