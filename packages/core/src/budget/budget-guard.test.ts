import type { ModelRequest } from "@quire/models";
import { type Cost, NO_USAGE, type TokenUsage, textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import { BudgetGuard } from "./budget-guard.ts";
import type { Spent } from "./spent.ts";
import type { TurnBudget } from "./turn-budget.ts";

const NOTHING: Spent = { usage: NO_USAGE, cost: null };

function request(text = "hi", more: Partial<ModelRequest> = {}): ModelRequest {
  const input = [textMessage("user", text)];
  return {
    model: "m",
    instructions: "",
    input,
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "k",
    ...more,
  };
}

/** A dollar for a million tokens in, ten for a million out. */
function priceOf(usage: TokenUsage): Cost {
  const usd = (usage.input_tokens + 10 * usage.output_tokens) / 1e6;
  return { kind: "known", usd, priced_as_of: "today" };
}

function guard(budget: TurnBudget, contextWindow: number | null = null): BudgetGuard {
  return new BudgetGuard(budget, { priceOf, contextWindow });
}

function usage(input: number, output: number): TokenUsage {
  return { ...NO_USAGE, input_tokens: input, output_tokens: output };
}

test("without limits every request goes through as it is", () => {
  const sent = request();
  expect(guard({}).admit(sent, NOTHING)).toMatchObject({ kind: "admitted", request: sent });
});

test("a call is bounded by what is left; the next estimate follows the counts of the endpoint", () => {
  const budget = guard({ maxTokens: 10_000 });
  const first = budget.admit(request("x".repeat(350)), NOTHING);
  const bound = first.kind === "admitted" ? (first.request.maxOutputTokens ?? 0) : 0;
  expect(bound).toBeGreaterThan(9_500);
  expect(bound).toBeLessThan(9_900);
  budget.record(usage(6000, 100));
  const spent = { usage: usage(6000, 100), cost: null };
  expect(budget.admit(request("x".repeat(350)), spent)).toMatchObject({
    kind: "refused",
    error: {
      code: "budget_exceeded",
      budget: { limit: "tokens", allowed: 10_000, used: 6100, needed: 6256 },
    },
  });
});

test("the user's own bound stays when it is lower, and a bound beyond the context window is not sent", () => {
  const own = request("hi", { maxOutputTokens: 500 });
  expect(guard({ maxTokens: 10_000 }).admit(own, NOTHING)).toMatchObject({ kind: "admitted", request: own });
  const plain = request();
  expect(guard({ maxTokens: 10_000 }, 8000).admit(plain, NOTHING)).toMatchObject({
    kind: "admitted",
    request: plain,
  });
});

test("money is set aside for input and bounds the output", () => {
  const budget = guard({ maxCostUsd: 0.1 });
  const first = budget.admit(request(), NOTHING);
  const bound = first.kind === "admitted" ? (first.request.maxOutputTokens ?? 0) : 0;
  expect(bound).toBeGreaterThan(9_900);
  expect(bound).toBeLessThanOrEqual(10_000);
  const spent: Spent = { usage: NO_USAGE, cost: { kind: "known", usd: 0.0999, priced_as_of: "today" } };
  expect(budget.admit(request(), spent)).toMatchObject({
    kind: "refused",
    error: { budget: { limit: "cost", allowed: 0.1, used: 0.0999 } },
  });
});

test("a model without a price is refused with what to write", () => {
  const unknown: Cost = { kind: "unknown", reason: 'no price of "m" is known' };
  const budget = new BudgetGuard({ maxCostUsd: 1 }, { priceOf: () => unknown, contextWindow: null });
  expect(budget.admit(request(), NOTHING)).toMatchObject({
    kind: "refused",
    error: { code: "config_invalid", next_step: expect.stringContaining("model_catalog_json") },
  });
});

test("an endpoint that gives no counts is counted by estimate", () => {
  const budget = guard({ maxTokens: 4000 });
  const long = request("x".repeat(3500));
  expect(budget.admit(long, NOTHING).kind).toBe("admitted");
  budget.record(null);
  expect(budget.admit(long, NOTHING).kind).toBe("admitted");
  budget.record(null);
  expect(budget.admit(long, NOTHING).kind).toBe("admitted");
  budget.record(null);
  expect(budget.admit(long, NOTHING).kind).toBe("refused");
});

test("an interruption is the deadline's only when no person interrupted", () => {
  const controller = new AbortController();
  const budget = guard({ deadline: { signal: controller.signal, seconds: 5 } });
  const interrupted = { code: "interrupted", message: "x", retryable: false } as const;
  expect(budget.explain(interrupted, NOTHING, false)).toBe(interrupted);
  controller.abort();
  expect(budget.explain(interrupted, NOTHING, true)).toBe(interrupted);
  expect(budget.explain(interrupted, NOTHING, false)).toMatchObject({
    code: "budget_exceeded",
    budget: { limit: "time", allowed: 5, used: 5 },
  });
});

test("pictures count by the piece and not by their bytes", () => {
  const image = `data:image/png;base64,${"A".repeat(2_000_000)}`;
  const seen = request("hi", {
    input: [{ type: "message", role: "user", content: [{ type: "input_image", image_url: image }] }],
  });
  expect(guard({ maxTokens: 10_000 }).admit(seen, NOTHING).kind).toBe("admitted");
});

test("agents' calls must fit under the limits of those they work for, with what siblings have set aside", async () => {
  const spent = { usage: usage(0, 0), cost: null };
  const parent = guard({ maxTokens: 20_000 });
  const outer = parent.asOuter(spent);
  const agent = () => new BudgetGuard({}, { priceOf, contextWindow: null, outer });
  const [one, two] = [agent(), agent()];
  const sent = request("x".repeat(14_000));
  const first = one.admit(sent, NOTHING);
  if (first.kind !== "admitted") throw new Error(first.kind);
  const release = one.holdOuter(first.request, first.expected);
  // What is set aside for the first leaves too little room for the second, and may be given back.
  expect(two.admit(sent, NOTHING)).toEqual({ kind: "later" });
  const room = two.room(new AbortController().signal);
  release();
  release();
  await room;
  expect(two.admit(sent, NOTHING).kind).toBe("admitted");
  // What is spent does not come back.
  spent.usage = usage(15_000, 3000);
  expect(two.admit(sent, NOTHING)).toMatchObject({
    kind: "refused",
    error: { code: "budget_exceeded", budget: { allowed: 20_000, used: 18_000 } },
  });
});

test("limits reach through every level of agents, and so does what is set aside", () => {
  const root = guard({ maxTokens: 12_000 });
  const middle = new BudgetGuard({}, { priceOf, contextWindow: null, outer: root.asOuter(NOTHING) });
  const leaf = new BudgetGuard({}, { priceOf, contextWindow: null, outer: middle.asOuter(NOTHING) });
  const admitted = leaf.admit(request(), NOTHING);
  if (admitted.kind !== "admitted") throw new Error(admitted.kind);
  expect(admitted.request.maxOutputTokens).toBeLessThan(12_000);
  const release = leaf.holdOuter(admitted.request, admitted.expected);
  expect(root.admit(request(), NOTHING).kind).toBe("later");
  release();
  expect(root.admit(request(), NOTHING).kind).toBe("admitted");
});
