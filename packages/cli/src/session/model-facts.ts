import { configOrigin, type LoadedConfig, type QuireConfig } from "@quire/config";
import type { ThreadLogState } from "@quire/core";
import { endpointMismatch, type ModelEntry } from "@quire/models";
import { CodedError } from "@quire/protocol";
import { modelCatalogue } from "./model-catalogue.ts";
import { type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";
import type { SessionWarning } from "./session-request.ts";

/** A chosen model with its catalogue entry; `model` is null for the offline engine. */
export interface ModelFacts {
  model: ModelEntry | null;
  id: string;
  warnings: SessionWarning[];
}

/** A resumed thread keeps its model, whatever the configuration says now, unless the user names another one. */
export function withRecordedModel(
  loaded: LoadedConfig,
  recorded: ThreadLogState["lastTurnContext"],
): LoadedConfig["config"] {
  const origin = configOrigin(loaded, "model")?.layer;
  if (!recorded || origin === "flag" || origin === "override") return loaded.config;
  return {
    ...loaded.config,
    model: recorded.model,
    modelProvider: recorded.model_provider ?? loaded.config.modelProvider,
  };
}

/** The resolved model, and what the user should know of it. */
export function modelFacts(
  choice: ModelChoice,
  config: Pick<QuireConfig, "modelCatalogFile" | "modelReasoningEffort"> = {
    modelCatalogFile: null,
    modelReasoningEffort: null,
  },
): ModelFacts {
  if (choice.kind === "offline") return { model: null, id: OFFLINE_MODEL, warnings: [] };
  const catalogue = modelCatalogue(config);
  const { id, model } = catalogue.resolveAlias(choice.model);
  const lookup = catalogue.findModel(choice.model);
  const mismatch = endpointMismatch(lookup, choice.provider.wireApi);
  if (mismatch !== null) {
    throw new CodedError("config_invalid", mismatch.message, { nextStep: mismatch.nextStep });
  }
  const warnings =
    lookup.kind === "known" ? [] : [{ code: `model_${lookup.kind}`, message: lookup.explanation }];
  return { model, id, warnings: [...warnings, ...effortWarnings(model, config.modelReasoningEffort)] };
}

function effortWarnings({ id, efforts }: ModelEntry, effort: string | null): SessionWarning[] {
  if (effort === null || efforts === null || efforts.includes(effort)) return [];
  const listed = efforts.length === 0 ? "none at all" : efforts.join(", ");
  const message = `The catalogue does not list the reasoning effort "${effort}" for ${id}, but: ${listed}. The endpoint gets it all the same.`;
  return [{ code: "model_effort_unlisted", message }];
}

/** Fails with `image_invalid` for a model of which a source says that it takes text only. */
export function requireImages({ model, id }: Pick<ModelFacts, "model" | "id">): void {
  if (model === null || model.modalities === null || model.modalities.includes("image")) return;
  const who = model.sources.join(", ");
  throw new CodedError("image_invalid", `the model "${id}" takes no images (${who})`, {
    nextStep: 'Choose another model, or correct its "modalities" in the file that model_catalog_json names.',
  });
}
