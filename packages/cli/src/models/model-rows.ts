import { type Catalogue, type ModelEntry, priceInUse, unknownModel } from "@quire/models";
import { OFFLINE_MODEL } from "../session/model/model-choice.ts";
import type { ModelProbe } from "../session/model/model-probes.ts";

/** One model as `quire models --json` prints it. Null is unknown, which is not 0. */
export interface ModelRow {
  id: string;
  provider: string | null;
  current: boolean;
  endpoints: readonly string[];
  context_window: number | null;
  output_limit: number | null;
  efforts: readonly string[] | null;
  modalities: readonly string[] | null;
  /** US dollars for 1,000,000 tokens. */
  price: {
    input: number | null;
    cached_input: number | null;
    output: number | null;
    as_of: string;
    source: string;
  } | null;
  /** What the source says where it gives no figure. */
  price_words: string | null;
  status: "active" | "preview" | "retired";
  replacement: string | null;
  floating: boolean;
  sources: readonly string[];
  /** What `quire models probe` found out. */
  probe: ModelProbe | null;
}

export interface RowFacts {
  catalogue: Catalogue;
  /** The configured model and its provider. */
  current: { model: string; provider: string } | null;
  probeOf: (model: string) => ModelProbe | null;
}

/** The catalogue with the configured model first among equals, even when nobody described it. */
export function modelRows({ catalogue, current, probeOf }: RowFacts): ModelRow[] {
  const known = catalogue.models;
  const id = current === null ? null : catalogue.resolveAlias(current.model).id;
  const missing = id === null || id === OFFLINE_MODEL || known.some((entry) => entry.id === id);
  const entries = missing ? known : [unknownModel(id), ...known];
  return entries.map((entry) => {
    const isCurrent = entry.id === id;
    return rowOf(
      entry,
      isCurrent ? (current?.provider ?? null) : publisherOf(entry),
      isCurrent,
      probeOf(entry.id),
    );
  });
}

function publisherOf(entry: ModelEntry): string | null {
  if (entry.endpoints.includes("hosted")) return "hosted";
  return entry.sources.some((source) => source !== "user catalogue") ? "openai" : null;
}

function rowOf(
  entry: ModelEntry,
  provider: string | null,
  current: boolean,
  probe: ModelProbe | null,
): ModelRow {
  const price = priceInUse(entry);
  const { status } = entry;
  return {
    id: entry.id,
    provider,
    current,
    endpoints: entry.endpoints,
    context_window: entry.context_window,
    output_limit: entry.output_limit,
    efforts: entry.efforts,
    modalities: entry.modalities,
    price:
      price === null
        ? null
        : {
            input: price.input,
            cached_input: price.cached_input,
            output: price.output,
            as_of: price.as_of,
            source: price.source,
          },
    price_words: price === null ? (entry.prices.at(-1)?.words ?? null) : null,
    status: status.kind,
    replacement: status.kind === "retired" ? status.replacement : null,
    floating: entry.floating,
    sources: entry.sources,
    probe,
  };
}
