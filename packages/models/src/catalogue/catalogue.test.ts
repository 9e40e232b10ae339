import { NO_USAGE } from "@quire/protocol";
import { describe, expect, test } from "vitest";
import { contextWindowOf, createCatalogue } from "./catalogue.ts";
import { costOf, priceInUse } from "./cost.ts";
import { unknownModel } from "./model-entry.ts";
import { BENCHMARK_CAVEAT, PUBLISHED_BENCHMARKS } from "./published-benchmarks.ts";
import { CATALOGUE_SOURCES, PUBLISHED_MODELS } from "./published-models.ts";
import { mergeUserCatalogue } from "./user-catalogue.ts";

const catalogue = createCatalogue();

function model(id: string) {
  return catalogue.findModel(id).model;
}

describe("looking a model up", () => {
  test("a known model", () => {
    const found = catalogue.findModel("gpt-5.2-codex");
    expect(found.kind).toBe("known");
    expect(contextWindowOf(found.model)).toEqual({ tokens: 400_000, assumed: false });
  });

  test("a retired model says when it went and what to take instead", () => {
    expect(catalogue.findModel("code-davinci-002")).toMatchObject({
      kind: "retired",
      explanation:
        'The model "code-davinci-002" was shut down on 2023-03-23 (D2). Suggested replacement: GPT-3.5 Turbo or GPT-4 by chat.',
    });
    expect(catalogue.findModel("codex-mini-latest").kind).toBe("retired");
  });

  test("an unknown model gets cautious assumptions, which are called so", () => {
    const found = catalogue.findModel("my-local-model");
    expect(found).toMatchObject({
      kind: "unknown",
      model: { id: "my-local-model", prices: [], modalities: null },
    });
    expect(found).toHaveProperty("explanation", expect.stringContaining("its price is unknown"));
    expect(contextWindowOf(found.model)).toEqual({ tokens: 128_000, assumed: true });
  });

  test("a floating alias is known as one, a pinned id and an unknown one are not", () => {
    const floating = (id: string) => catalogue.resolveAlias(id).floating;
    expect([floating("gpt-5-codex"), floating("gpt-5.3-codex"), floating("else")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("every model and every benchmark names sources that are listed", () => {
    const listed = Object.keys(CATALOGUE_SOURCES);
    for (const { sources } of [...PUBLISHED_MODELS, ...PUBLISHED_BENCHMARKS]) {
      expect(sources.length).toBeGreaterThan(0);
      expect(listed).toEqual(expect.arrayContaining([...sources]));
    }
    expect(new Set(PUBLISHED_MODELS.map((entry) => entry.id)).size).toBe(PUBLISHED_MODELS.length);
  });
});

describe("prices", () => {
  test("400,000 uncached tokens of gpt-5.2-codex cost 0.70 dollars, cached ones a tenth", () => {
    const usage = { ...NO_USAGE, input_tokens: 400_000 };
    expect(costOf(usage, model("gpt-5.2-codex"))).toEqual({
      kind: "known",
      usd: 0.7,
      priced_as_of: "mid-2026",
    });
    const cached = costOf({ ...usage, cached_input_tokens: 400_000 }, model("gpt-5.2-codex"));
    expect(cached).toEqual({ kind: "known", usd: 0.07, priced_as_of: "mid-2026" });
  });

  test("cached tokens are part of the input and not paid twice", () => {
    const usage = {
      ...NO_USAGE,
      input_tokens: 1_000_000,
      cached_input_tokens: 600_000,
      output_tokens: 100_000,
    };
    const cost = costOf(usage, model("gpt-5.2-codex"));
    expect(cost.kind === "known" ? cost.usd : null).toBeCloseTo(0.4 * 1.75 + 0.6 * 0.175 + 0.1 * 14, 10);
  });

  test("an unknown price, or an unknown share of one, is unknown and never nothing", () => {
    const usage = { ...NO_USAGE, input_tokens: 10, cached_input_tokens: 5 };
    expect(costOf(usage, unknownModel("x"))).toEqual({ kind: "unknown", reason: 'no price of "x" is known' });
    expect(costOf(usage, model("gpt-5.4"))).toEqual({
      kind: "unknown",
      reason: 'no price of "gpt-5.4" is known (its source says "standard rates")',
    });
    expect(costOf(usage, model("gpt-5-codex"))).toEqual({
      kind: "unknown",
      reason: 'no price of "gpt-5-codex" for cached input is known',
    });
    expect(costOf(NO_USAGE, unknownModel("x")).kind).toBe("unknown");
  });

  test("where sources disagree both are kept, and which one is used is stated", () => {
    const disputed = model("gpt-5.1-codex");
    expect(disputed.prices.map(({ input, output, source }) => [input, output, source])).toEqual([
      [1.25, 10, "D2"],
      [1.5, 12, "D3"],
    ]);
    expect(priceInUse(disputed)).toMatchObject({ source: "D3" });
    for (const entry of PUBLISHED_MODELS.filter(({ prices }) => prices.length > 1)) {
      expect(entry.price_choice).toBeDefined();
    }
  });
});

describe("a user's catalogue", () => {
  test("overrides fields, adds models and prices, and keeps the rest", () => {
    const user = {
      models: [
        {
          id: "gpt-5.4",
          context_window: 1_000_000,
          price: { input: 2, output: 16, cached_input: 0.2, as_of: "2026-07-01" },
        },
        { id: "local", aliases: ["l"], context_window: 32_768, modalities: ["text"] },
      ],
    };
    const merged = createCatalogue(mergeUserCatalogue(PUBLISHED_MODELS, user, "models.json"));
    expect(merged.findModel("gpt-5.4")).toMatchObject({
      kind: "known",
      model: { role: "flagship", context_window: 1_000_000, price_choice: "The user's catalogue is used." },
    });
    expect(costOf({ ...NO_USAGE, input_tokens: 500_000 }, merged.findModel("gpt-5.4").model)).toEqual({
      kind: "known",
      usd: 1,
      priced_as_of: "2026-07-01",
    });
    expect(merged.resolveAlias("l")).toMatchObject({ requested: "l", id: "local", floating: false });
    expect(merged.models).toHaveLength(PUBLISHED_MODELS.length + 1);
    expect(catalogue.findModel("local").kind).toBe("unknown");
  });

  test("a model the user describes is no longer retired", () => {
    const merged = mergeUserCatalogue(
      PUBLISHED_MODELS,
      { models: [{ id: "codex-mini-latest" }] },
      "models.json",
    );
    expect(createCatalogue(merged).findModel("codex-mini-latest").kind).toBe("known");
  });

  test("a wrong field is named with its file", () => {
    const user = { models: [{ id: "x", price: { input: -1, output: 2 } }] };
    expect(() => mergeUserCatalogue([], user, "models.json")).toThrow(
      "The model catalogue models.json is wrong at models.0.price.input.",
    );
    expect(() => mergeUserCatalogue([], [], "models.json")).toThrow("is wrong at the top level");
  });
});

test("published benchmark figures keep what sources disagree on", () => {
  const pro = PUBLISHED_BENCHMARKS.filter(
    ({ benchmark, subject }) => benchmark === "SWE-bench Pro" && subject === "GPT-5.2-Codex",
  );
  expect(pro.map(({ value, approximate, sources }) => [value, approximate, sources])).toEqual([
    [54, true, ["D3"]],
    [56.4, false, ["D2"]],
  ]);
  expect(PUBLISHED_BENCHMARKS.every(({ value }) => Number.isFinite(value))).toBe(true);
  expect(BENCHMARK_CAVEAT).toBe("published, not reproduced");
});
