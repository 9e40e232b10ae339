import { groupedDigits } from "@quire/protocol";
import { ASSUMED_CONTEXT_WINDOW, type ModelEntry, unknownModel } from "./model-entry.ts";
import { PUBLISHED_MODELS } from "./published-models.ts";

/** An `unknown` model can be tried all the same. A `retired` one was shut down; where somebody still has it, an entry of the user's says so. */
export type ModelLookup =
  | { kind: "known"; model: ModelEntry }
  | { kind: "retired"; model: ModelEntry; explanation: string }
  | { kind: "unknown"; model: ModelEntry; explanation: string };

export interface ResolvedModel {
  /** The id to send and to record. */
  id: string;
  requested: string;
  /** What answers to the id may change; the completion's `model` names the snapshot that did. */
  floating: boolean;
  model: ModelEntry;
}

/** The models that are known, by id. Immutable: merging gives a new one. */
export interface Catalogue {
  readonly models: readonly ModelEntry[];
  /** By id or alias. */
  findModel(id: string): ModelLookup;
  /** Done once for a thread; the thread keeps the id it got. */
  resolveAlias(id: string): ResolvedModel;
}

/** A catalogue of these entries; of two with one id the later counts. */
export function createCatalogue(entries: readonly ModelEntry[] = PUBLISHED_MODELS): Catalogue {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const byAlias = new Map(entries.flatMap((entry) => entry.aliases.map((alias) => [alias, entry] as const)));
  const entryOf = (id: string): ModelEntry | undefined => byId.get(id) ?? byAlias.get(id);
  return {
    models: [...byId.values()],
    findModel(id) {
      const model = entryOf(id);
      if (model === undefined)
        return { kind: "unknown", model: unknownModel(id), explanation: unknownText(id) };
      if (model.status.kind !== "retired") return { kind: "known", model };
      return { kind: "retired", model, explanation: retiredText(model, model.status) };
    },
    resolveAlias(id) {
      const model = entryOf(id) ?? unknownModel(id);
      return { id: model.id, requested: id, floating: model.floating, model };
    },
  };
}

/** The window to plan with. `assumed` when no source states it; show it as an assumption. */
export function contextWindowOf(model: ModelEntry): { tokens: number; assumed: boolean } {
  return model.context_window === null
    ? { tokens: ASSUMED_CONTEXT_WINDOW, assumed: true }
    : { tokens: model.context_window, assumed: false };
}

/**
 * Why a model cannot be reached over a wire API, with the way out; null when it can, or when nobody knows. An entry of
 * the user's that names the wire API among its `endpoints` settles it: then a gateway translates.
 */
export function endpointMismatch(
  lookup: ModelLookup,
  wireApi: string,
): { message: string; nextStep: string } | null {
  const { model } = lookup;
  if (lookup.kind === "unknown" || model.endpoints.some((endpoint) => endpoint === wireApi)) return null;
  const served = model.endpoints.filter((endpoint) => endpoint !== "hosted");
  const retired = lookup.kind === "retired" ? ` ${lookup.explanation}` : "";
  const message =
    served.length === 0
      ? `The model "${model.id}" is only hosted by its publisher and answers to no API.${retired}`
      : `The model "${model.id}" answers to the wire API ${served.join(", ")} only, not to ${wireApi}.${retired}`;
  const other =
    served.length === 0
      ? "Choose another model"
      : `Set wire_api = "${served[0]}" for the provider, or choose another model`;
  const entry = JSON.stringify({ models: [{ id: model.id, endpoints: [wireApi] }] });
  return {
    message,
    nextStep: `${other}. If the endpoint translates, say so in model_catalog_json: ${entry}`,
  };
}

function unknownText(id: string): string {
  const window = groupedDigits(ASSUMED_CONTEXT_WINDOW);
  return `The model "${id}" is not in the catalogue: a context of ${window} tokens is assumed and its price is unknown.`;
}

function retiredText(model: ModelEntry, status: { shutdown: string; replacement: string | null }): string {
  const instead = status.replacement === null ? "" : ` Suggested replacement: ${status.replacement}.`;
  return `The model "${model.id}" was shut down on ${status.shutdown} (${model.sources.join(", ")}).${instead}`;
}
