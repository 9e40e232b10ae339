import type { ReasoningEffort } from "@quire/protocol";

export type ModelEndpoint = "responses" | "chat" | "anthropic" | "completions" | "hosted";
export type Modality = "text" | "image";

/**
 * A price as one source gives it, in US dollars for 1,000,000 tokens. Null is unknown, which is not 0. `words` is what a
 * source says instead of a figure.
 */
export interface PriceReading {
  input: number | null;
  output: number | null;
  cached_input: number | null;
  cache_write_input?: number | null | undefined;
  as_of: string;
  source: string;
  words?: string;
}

export type ModelStatus =
  | { kind: "active" }
  | { kind: "preview" }
  | { kind: "retired"; shutdown: string; replacement: string | null };

/** One model. Whatever no source states is null: unknown. Where sources disagree, every reading is kept. */
export interface ModelEntry {
  id: string;
  /** Other names that mean exactly this model. */
  aliases: readonly string[];
  /** The name itself stands for whatever is newest at the endpoint, and may change without notice. */
  floating: boolean;
  role: string;
  endpoints: readonly ModelEndpoint[];
  /** Tokens. */
  context_window: number | null;
  /** Tokens. */
  output_limit: number | null;
  efforts: readonly ReasoningEffort[] | null;
  modalities: readonly Modality[] | null;
  /** Oldest source first. */
  prices: readonly PriceReading[];
  /** Why one of several readings is used; set where they disagree. */
  price_choice?: string;
  status: ModelStatus;
  released: readonly { date: string; source: string }[];
  sources: readonly string[];
  notes: readonly string[];
}

/** Assumed for a model whose window no source states: small enough for most, and compaction copes with the rest. */
export const ASSUMED_CONTEXT_WINDOW = 128_000;

/** What a model nobody described gets. */
export function unknownModel(id: string): ModelEntry {
  return {
    id,
    aliases: [],
    floating: false,
    role: "not in the catalogue",
    // Nobody said, so each may be tried.
    endpoints: ["responses", "chat", "anthropic", "completions"],
    context_window: null,
    output_limit: null,
    efforts: null,
    modalities: null,
    prices: [],
    status: { kind: "active" },
    released: [],
    sources: [],
    notes: [],
  };
}
