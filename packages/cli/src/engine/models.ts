import { createCatalogue, type ModelEntry, unknownModel } from "@quire/models";
import type { WireModel } from "@quire/protocol/app-server";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";

const EFFORTS: Readonly<Record<string, string>> = {
  none: "No reasoning",
  minimal: "As little reasoning as possible",
  low: "Quick answers with light reasoning",
  medium: "A balance of speed and depth",
  high: "Deep reasoning for hard problems",
  xhigh: "Deeper still, and slower",
  max: "All the depth the model has",
  ultra: "More than the deepest, for the hardest problems",
};
const USUAL_EFFORTS = ["low", "medium", "high"] as const;

/** The models a client can offer: the catalogue, the configured one if it is not in there, the embedded engine. */
export function modelList(current: string): WireModel[] {
  const { models } = createCatalogue();
  const chat = models.filter(({ endpoints }) => endpoints.some((endpoint) => endpoint !== "completions"));
  const known = chat.some(({ id }) => id === current) || current === OFFLINE_MODEL;
  const entries = known ? chat : [unknownModel(current), ...chat];
  const offline = {
    ...unknownModel(OFFLINE_MODEL),
    role: "embedded engine for failing tests; no language model",
  };
  return [...entries, offline].map((entry) => modelView(entry, entry.id === current));
}

function modelView(entry: ModelEntry, isDefault: boolean): WireModel {
  const efforts = entry.efforts ?? (entry.id === OFFLINE_MODEL ? [] : USUAL_EFFORTS);
  const replacement = entry.status.kind === "retired" ? entry.status.replacement : null;
  return {
    id: entry.id,
    model: entry.id,
    upgrade: replacement,
    upgradeInfo: null,
    availabilityNux: null,
    displayName: entry.id,
    description: entry.role,
    modelSpecialty: null,
    hidden: entry.status.kind === "retired",
    supportedReasoningEfforts: efforts.map((effort) => ({
      reasoningEffort: effort,
      description: EFFORTS[effort] ?? effort,
    })),
    defaultReasoningEffort: efforts.includes("medium") ? "medium" : (efforts[0] ?? "none"),
    inputModalities: [...(entry.modalities ?? ["text", "image"])],
    supportsPersonality: false,
    multiAgentVersion: null,
    additionalSpeedTiers: [],
    serviceTiers: [],
    defaultServiceTier: null,
    availableAccessPrograms: null,
    isDefault,
    contextWindow: entry.context_window,
  };
}
