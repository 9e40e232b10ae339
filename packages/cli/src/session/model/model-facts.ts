import { configOrigin, type LoadedConfig, type QuireConfig } from "@quire/config";
import type { ThreadLogState } from "@quire/core";
import { endpointMismatch, type ModelEntry, type ModelLookup } from "@quire/models";
import { CodedError } from "@quire/protocol";
import type { SessionWarning } from "../session-request.ts";
import { modelCatalogue } from "./model-catalogue.ts";
import { type ModelChoice, OFFLINE_MODEL } from "./model-choice.ts";

/** A chosen model with its catalogue entry; `model` is null for the offline engine. */
export interface ModelFacts {
  model: ModelEntry | null;
  id: string;
  /** The most that it can answer, as the provider's capabilities or the catalogue say; null where nobody does. */
  outputLimit: number | null;
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
  if (choice.kind === "offline") return { model: null, id: OFFLINE_MODEL, outputLimit: null, warnings: [] };
  const catalogue = modelCatalogue(config);
  const { id, model } = catalogue.resolveAlias(choice.model);
  const lookup = catalogue.findModel(choice.model);
  const mismatch = endpointMismatch(lookup, choice.provider.wireApi);
  if (mismatch !== null) {
    throw new CodedError("config_invalid", mismatch.message, { nextStep: mismatch.nextStep });
  }
  refuseRetired(lookup);
  const warnings = lookup.kind === "known" ? [] : [{ code: "model_unknown", message: lookup.explanation }];
  return {
    model,
    id,
    outputLimit: choice.provider.capabilities.maxOutputTokens ?? model.output_limit,
    warnings: [...warnings, ...effortWarnings(model, config.modelReasoningEffort)],
  };
}

/** Fails with `model_not_found` for an id of which a source says that it was shut down. An entry of the user's settles it. */
export function refuseRetired(lookup: ModelLookup): void {
  if (lookup.kind !== "retired") return;
  const { id, status } = lookup.model;
  const replacement = status.kind === "retired" ? status.replacement : null;
  const other = replacement === null ? "one that quire models lists" : replacement;
  const entry = JSON.stringify({ models: [{ id }] });
  throw new CodedError("model_not_found", lookup.explanation, {
    nextStep: `Choose another model: ${other}. If your endpoint still has this one, say so in the file that model_catalog_json names: ${entry}`,
  });
}

function effortWarnings({ id, efforts }: ModelEntry, effort: string | null): SessionWarning[] {
  if (effort === null || efforts === null || efforts.includes(effort)) return [];
  const listed = efforts.length === 0 ? "none at all" : efforts.join(", ");
  const message = `The catalogue does not list the reasoning effort "${effort}" for ${id}, but: ${listed}. The endpoint gets it all the same.`;
  return [{ code: "model_effort_unlisted", message }];
}

/**
 * Why a model cannot be shown images; null when it can, or when nobody knows. What the provider's table says counts for
 * more than the catalogue, and the catalogue for more than what a probe found, which is all that `known` adds.
 */
export function whyNoImages(
  { model, id }: Pick<ModelFacts, "model" | "id">,
  choice: ModelChoice,
  known: (id: string) => { images?: boolean } = () => ({}),
): string | null {
  if (choice.kind === "offline" || model === null) return null;
  const declared = choice.provider.capabilities.images;
  if (declared !== undefined) {
    return declared ? null : `the model "${id}" takes no images (capabilities of "${choice.provider.id}")`;
  }
  if (known(id).images !== false && (model.modalities?.includes("image") ?? true)) return null;
  const who = model.modalities === null ? "a probe of it" : model.sources.join(", ");
  return `the model "${id}" takes no images (${who})`;
}

/** Fails with `image_invalid` where `why` says that there can be no images. */
export function requireImages(why: string | null, path: string): void {
  if (why === null) return;
  throw new CodedError("image_invalid", `${why}, so ${path} was not sent`, {
    nextStep:
      'Choose another model, or correct its "modalities" in the file that model_catalog_json names, or images under capabilities of the provider.',
  });
}
