import type { ModelEntry, PriceReading } from "./model-entry.ts";

/** The documents that the catalogue quotes. They are published, not checked by us, and disagree in places. */
export const CATALOGUE_SOURCES: Readonly<Record<string, { what: string; as_of: string }>> = {
  D1: { what: "a reseller's article", as_of: "2025-09-16" },
  D2: { what: "an encyclopaedia-style article", as_of: "spring 2026" },
  D3: { what: "an API guide", as_of: "mid-2026" },
};

const D2_DATE = "spring 2026";
const D3_DATE = "mid-2026";
const NEWER = "The newer source (D3) is used; it is also the higher price, so that no budget is overrun.";

function price(
  input: number | null,
  output: number | null,
  cached_input: number | null,
  source: string,
  as_of: string,
  words?: string,
): PriceReading {
  return { input, output, cached_input, as_of, source, ...(words === undefined ? {} : { words }) };
}

/** What most entries leave open. */
const OPEN = {
  aliases: [],
  floating: false,
  context_window: null,
  output_limit: null,
  efforts: null,
  modalities: null,
  status: { kind: "active" },
  notes: [],
} satisfies Partial<ModelEntry>;

const RETIRED_COMPLETION = {
  ...OPEN,
  endpoints: ["completions"],
  modalities: ["text"],
  prices: [price(0, 0, null, "D2", D2_DATE, "free beta")],
  status: { kind: "retired", shutdown: "2023-03-23", replacement: null },
  sources: ["D2"],
} satisfies Partial<ModelEntry>;

export const PUBLISHED_MODELS: readonly ModelEntry[] = [
  {
    ...RETIRED_COMPLETION,
    id: "code-davinci-002",
    role: "completion model of 2021-23, the most capable",
    context_window: 8_001,
    status: { kind: "retired", shutdown: "2023-03-23", replacement: "GPT-3.5 Turbo or GPT-4 by chat" },
    released: [{ date: "2021-08", source: "D2" }],
  },
  {
    ...RETIRED_COMPLETION,
    id: "code-davinci-001",
    role: "earlier completion model",
    context_window: 8_001,
    released: [],
  },
  {
    ...RETIRED_COMPLETION,
    id: "code-cushman-001",
    role: "faster model for completion while typing",
    context_window: 2_048,
    released: [],
  },
  {
    ...OPEN,
    id: "codex-1",
    role: "o3 variant behind the cloud agent of 2025",
    endpoints: ["hosted"],
    prices: [],
    released: [{ date: "2025-05-16", source: "D2" }],
    sources: ["D2"],
    notes: ["Tested at 192,000 tokens of context and medium effort; its limit is not published."],
  },
  {
    ...OPEN,
    id: "codex-mini-latest",
    role: "o4-mini variant for the CLI",
    endpoints: ["responses"],
    prices: [price(1.5, 6, 0.375, "D2", D2_DATE, "75 % off cached input")],
    status: { kind: "retired", shutdown: "2026-02-12", replacement: null },
    released: [{ date: "2025-05", source: "D2" }],
    sources: ["D2"],
    notes: ["The cached price is worked out from the published 75 % discount."],
  },
  {
    ...OPEN,
    id: "gpt-5-codex",
    floating: true,
    role: "floating alias of the latest snapshot",
    endpoints: ["responses"],
    context_window: 400_000,
    prices: [price(1.25, 10, null, "D1 D2 D3", D3_DATE)],
    released: [
      { date: "2025-09-15 or 16, in Codex", source: "D1" },
      { date: "2025-09-23, in the API", source: "D2 D3" },
    ],
    sources: ["D1", "D2", "D3"],
    notes: ["May change without notice: use a pinned id in production."],
  },
  {
    ...OPEN,
    id: "gpt-5.1-codex",
    role: "coding model",
    endpoints: ["responses"],
    context_window: 400_000,
    prices: [price(1.25, 10, null, "D2", D2_DATE), price(1.5, 12, null, "D3", D3_DATE)],
    price_choice: NEWER,
    released: [{ date: "2025-11", source: "D2 D3" }],
    sources: ["D2", "D3"],
  },
  {
    ...OPEN,
    id: "gpt-5.1-codex-max",
    role: "first model trained for compaction over several windows; Windows",
    endpoints: ["responses"],
    efforts: ["low", "medium", "high", "xhigh"],
    prices: [],
    released: [{ date: "2025-11-19", source: "D2" }],
    sources: ["D2"],
  },
  {
    ...OPEN,
    id: "gpt-5.2-codex",
    role: "long context, compaction of its own",
    endpoints: ["responses"],
    context_window: 400_000,
    prices: [price(1.75, 14, 0.175, "D2 D3", D3_DATE)],
    released: [
      { date: "2025-12-18", source: "D2" },
      { date: "2026-01-14", source: "D3" },
    ],
    sources: ["D2", "D3"],
  },
  {
    ...OPEN,
    id: "gpt-5.3-codex",
    role: "coding and general reasoning, 25 % faster",
    endpoints: ["responses"],
    context_window: 400_000,
    prices: [price(null, null, null, "D2", D2_DATE, "standard rates"), price(2, 15, null, "D3", D3_DATE)],
    price_choice: "Only D3 gives figures.",
    released: [
      { date: "2026-02-05", source: "D2" },
      { date: "2026-04", source: "D3" },
    ],
    sources: ["D2", "D3"],
    notes: ["A pinned id."],
  },
  {
    ...OPEN,
    id: "gpt-5.3-codex-spark",
    role: "near-instant edits, more than 1,000 tokens a second",
    endpoints: ["hosted"],
    context_window: 128_000,
    modalities: ["text"],
    prices: [],
    status: { kind: "preview" },
    released: [{ date: "2026-02-12", source: "D2" }],
    sources: ["D2"],
    notes: ["Takes no images."],
  },
  {
    ...OPEN,
    id: "gpt-5.4",
    role: "flagship",
    endpoints: ["responses"],
    prices: [price(null, null, null, "D2", D2_DATE, "standard rates")],
    released: [{ date: "2026-03", source: "D2" }],
    sources: ["D2"],
  },
  {
    ...OPEN,
    id: "gpt-5.4-mini",
    role: "light tasks and sub-agents, more than twice as fast as GPT-5 mini",
    endpoints: ["responses"],
    prices: [price(null, null, null, "D2", D2_DATE, "standard rates")],
    released: [{ date: "2026-03-17", source: "D2" }],
    sources: ["D2"],
    notes: ["Uses 30 % of the limits. Not offered for cloud tasks."],
  },
  {
    ...OPEN,
    id: "gpt-5.5",
    role: "general frontier model",
    endpoints: ["responses"],
    prices: [price(null, null, null, "D3", D3_DATE, "higher")],
    released: [{ date: "2026", source: "D3" }],
    sources: ["D3"],
    notes: ["D3 says both about 40 % more and about 40 % fewer output tokens than gpt-5.4."],
  },
];
