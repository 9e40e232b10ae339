import type { ModelRequest } from "@quire/models";
import { type Cost, type ErrorInfo, groupedDigits, type TokenUsage } from "@quire/protocol";
import { estimateTokens } from "./estimate-tokens.ts";

/** What a turn may use up. Absent limits do not hold. Everything counts this turn alone, never the thread before it. */
export interface TurnBudget {
  /** Calls to the model; a retry of a failed call is not counted again. */
  readonly maxModelCalls?: number;
  /** Tokens in and out of all calls together, cached ones included. */
  readonly maxTokens?: number;
  /** US dollars. A model without a known price is refused before the first call. */
  readonly maxCostUsd?: number;
  /** Aborts when the time is up. The caller owns the timer; `seconds` is for the message. */
  readonly deadline?: { readonly signal: AbortSignal; readonly seconds: number };
}

/** What the turn has used so far. */
export interface Spent {
  readonly usage: TokenUsage;
  readonly cost: Cost | null;
}

export type Admission =
  | { kind: "admitted"; request: ModelRequest }
  /** Nothing was sent. */
  | { kind: "refused"; error: ErrorInfo };

export interface BudgetFacts {
  readonly priceOf: (usage: TokenUsage, model: string) => Cost;
  /** Tokens; null where unknown. */
  readonly contextWindow: number | null;
}

/** Fewer tokens than this are no answer: a call that could not have them is not made. */
const LEAST_OUTPUT = 256;
/** No model writes more in one call, and an endpoint may refuse a larger bound. */
const MOST_OUTPUT = 128_000;

/**
 * Keeps one turn within its budget. Before each call it sets aside what the call's input is estimated to take, refuses
 * the call when that does not fit, and otherwise bounds the output by what is left. The estimate follows the counts that
 * the endpoint reports, so it is rough for the first call only.
 */
export class BudgetGuard {
  readonly #budget: TurnBudget;
  readonly #facts: BudgetFacts;
  #calls = 0;
  #boundedByUs = false;
  #lastRough: number | null = null;
  #lastActual: number | null = null;
  /** Tokens of calls whose endpoint gave no counts, estimated. */
  #unreported = 0;

  constructor(budget: TurnBudget, facts: BudgetFacts) {
    this.#budget = budget;
    this.#facts = facts;
  }

  /** Decides about the next call; an admitted request may carry a lower `maxOutputTokens`. */
  admit(request: ModelRequest, spent: Spent): Admission {
    const { maxModelCalls, maxTokens, maxCostUsd, deadline } = this.#budget;
    if (deadline?.signal.aborted) return this.#refuse("time", deadline.seconds, deadline.seconds, spent);
    if (maxModelCalls !== undefined && this.#calls >= maxModelCalls) {
      return this.#refuse("turns", maxModelCalls, this.#calls, spent);
    }
    this.#calls += 1;
    if (maxTokens === undefined && maxCostUsd === undefined) return { kind: "admitted", request };
    const input = this.#estimateInput(request);
    let output = Number.POSITIVE_INFINITY;
    if (maxTokens !== undefined) {
      const used = tokensOf(spent.usage) + this.#unreported;
      output = maxTokens - used - input;
      if (output < LEAST_OUTPUT) return this.#refuse("tokens", maxTokens, used, spent, input + LEAST_OUTPUT);
    }
    if (maxCostUsd !== undefined) {
      const affordable = this.#affordableOutput(request.model, input, maxCostUsd, spent);
      if (typeof affordable !== "number") return affordable;
      output = Math.min(output, affordable);
    }
    return { kind: "admitted", request: this.#bounded(request, input, output) };
  }

  /** Takes in what a call really used; null where the endpoint did not say, which counts as estimated. */
  record(usage: TokenUsage | null): void {
    if (usage) this.#lastActual = usage.input_tokens;
    else this.#unreported += this.#lastRough ?? 0;
  }

  /** The error a turn ends with, told as what it is when the budget was the cause. */
  explain(error: ErrorInfo, spent: Spent, interruptedByUser: boolean): ErrorInfo {
    const { deadline, maxTokens, maxCostUsd } = this.#budget;
    if (error.code === "interrupted" && deadline?.signal.aborted && !interruptedByUser) {
      return exceeded("time", deadline.seconds, deadline.seconds, spent);
    }
    if (error.code === "model_incomplete" && this.#boundedByUs) {
      return maxTokens === undefined
        ? exceeded("cost", maxCostUsd ?? 0, dollarsOf(spent.cost), spent)
        : exceeded("tokens", maxTokens, tokensOf(spent.usage), spent);
    }
    return error;
  }

  #estimateInput(request: ModelRequest): number {
    const rough = estimateTokens(request);
    const before = this.#lastRough;
    this.#lastRough = rough;
    if (this.#lastActual === null || before === null) return rough;
    // A compaction made it smaller; what is left of it counts as it was counted.
    if (rough < before) return Math.ceil((this.#lastActual * rough) / before);
    return this.#lastActual + rough - before;
  }

  #affordableOutput(model: string, input: number, maxUsd: number, spent: Spent): number | Admission {
    const used = dollarsOf(spent.cost);
    const known = input + this.#unreported;
    const forInput = this.#facts.priceOf(usageOf(known, 0), model);
    const forBoth = this.#facts.priceOf(usageOf(known, 1000), model);
    if (forInput.kind === "unknown" || forBoth.kind === "unknown" || spent.cost?.kind === "unknown") {
      const unknown = [forInput, forBoth, spent.cost].find((cost) => cost?.kind === "unknown");
      return { kind: "refused", error: noPrice(model, unknown) };
    }
    const perToken = (forBoth.usd - forInput.usd) / 1000;
    const least = forInput.usd + perToken * LEAST_OUTPUT;
    if (used + least > maxUsd) return this.#refuse("cost", maxUsd, used, spent, least);
    return perToken > 0 ? (maxUsd - used - forInput.usd) / perToken : Number.POSITIVE_INFINITY;
  }

  #bounded(request: ModelRequest, input: number, output: number): ModelRequest {
    const bound = Math.floor(output);
    const known = this.#facts.contextWindow;
    const useful = bound < MOST_OUTPUT && bound < (request.maxOutputTokens ?? MOST_OUTPUT);
    this.#boundedByUs = useful && (known === null || input + bound < known);
    return this.#boundedByUs ? { ...request, maxOutputTokens: bound } : request;
  }

  #refuse(limit: LimitName, allowed: number, used: number, spent: Spent, needed?: number): Admission {
    return { kind: "refused", error: exceeded(limit, allowed, used, spent, needed) };
  }
}

type LimitName = NonNullable<ErrorInfo["budget"]>["limit"];

function exceeded(limit: LimitName, allowed: number, used: number, spent: Spent, needed?: number): ErrorInfo {
  const amount = (value: number) => amountText(limit, value);
  const next = needed === undefined ? "" : ` and the next call needs about ${amount(needed)}`;
  const money = spent.cost?.kind === "known" ? `, $${spent.cost.usd.toFixed(4)}` : "";
  return {
    code: "budget_exceeded",
    message: `The budget of this run is used up: ${amount(used)} of ${amount(allowed)} (--${FLAGS[limit]})${next}. Used in all: ${groupedDigits(tokensOf(spent.usage))} tokens${money}. What was done so far is kept.`,
    retryable: false,
    next_step: `Resume the thread to go on, with a larger --${FLAGS[limit]} if it needs one.`,
    budget: { limit, allowed, used, ...(needed === undefined ? {} : { needed }) },
  };
}

const FLAGS: Readonly<Record<LimitName, string>> = {
  turns: "max-turns",
  tokens: "max-tokens",
  cost: "max-cost",
  time: "timeout",
};

function amountText(limit: LimitName, value: number): string {
  switch (limit) {
    case "turns":
      return `${value} model ${value === 1 ? "call" : "calls"}`;
    case "tokens":
      return `${groupedDigits(Math.ceil(value))} tokens`;
    case "cost":
      return `$${value.toFixed(4)}`;
    case "time":
      return `${value} s`;
  }
}

function noPrice(model: string, cost: Cost | null | undefined): ErrorInfo {
  const reason = cost?.kind === "unknown" ? cost.reason : `no price of "${model}" is known`;
  return {
    code: "config_invalid",
    message: `a limit on cost cannot be kept: ${reason}`,
    retryable: false,
    next_step: `Give the price in a model catalogue (model_catalog_json = "models.json" in config.toml, holding {"models":[{"id":${JSON.stringify(model)},"price":{"input":1.25,"cached_input":0.125,"output":10}}]}, US dollars for a million tokens), or limit the run by --max-tokens.`,
  };
}

function tokensOf(usage: TokenUsage): number {
  return usage.input_tokens + usage.output_tokens;
}

function dollarsOf(cost: Cost | null): number {
  return cost?.kind === "known" ? cost.usd : 0;
}

function usageOf(input: number, output: number): TokenUsage {
  return {
    input_tokens: input,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: output,
    reasoning_output_tokens: 0,
  };
}
