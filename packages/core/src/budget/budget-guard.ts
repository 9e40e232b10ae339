import type { ModelRequest } from "@quire/models";
import { type BudgetState, type Cost, type ErrorInfo, NO_USAGE, type TokenUsage } from "@quire/protocol";
import { exceeded, type LimitName, noPrice } from "./budget-errors.ts";
import { HeldBudget } from "./held-budget.ts";
import { type Expected, RequestForecast } from "./request-forecast.ts";
import { dollarsOf, plus, type Spent, tokensOf } from "./spent.ts";
import type { BudgetScope, OuterBudget, ScopeLimits, ThreadBudget, TurnBudget } from "./turn-budget.ts";

export type Admission =
  | { kind: "admitted"; request: ModelRequest; expected: Expected }
  /** Nothing was sent. */
  | { kind: "refused"; error: ErrorInfo }
  /** It fits once what others have set aside is given back. */
  | { kind: "later" };

export interface BudgetFacts {
  readonly priceOf: (usage: TokenUsage, model: string) => Cost;
  /** Tokens; null where unknown. */
  readonly contextWindow: number | null;
  /** The most that the model can answer; null or absent where unknown. */
  readonly outputLimit?: number | null;
  /** The thread's; without one the first estimate of the turn knows nothing of the endpoint's counts. */
  readonly forecast?: RequestForecast;
  /** The thread's limits and what it had used when the turn began. */
  readonly thread?: { readonly budget: ThreadBudget; readonly before: Spent };
  /** The limits of those that the thread works for. */
  readonly outer?: OuterBudget;
}

/** Fewer tokens than this are no answer: a call that could not have them is not made. */
export const LEAST_OUTPUT = 256;
/** Output that is set aside for a call where nothing bounds it more. */
const WANTED_OUTPUT = 8000;
/** No model writes more in one call, and an endpoint may refuse a larger bound. */
const MOST_OUTPUT = 128_000;

/**
 * Keeps one turn within its budget. Before each call it sets aside what the call's input is estimated to take, refuses
 * the call when that does not fit, and otherwise bounds the output by what is left. The estimate follows the counts that
 * the endpoint reports; before there are any, it goes by the bytes that are to be sent.
 */
export class BudgetGuard {
  readonly #budget: TurnBudget;
  readonly #facts: BudgetFacts;
  #calls = 0;
  #boundedByUs = false;
  #boundScope: BudgetScope = "turn";
  #lastInput = 0;
  readonly #forecast: RequestForecast;
  readonly #held = new HeldBudget();
  #asked: { request: ModelRequest; expected: Expected } | null = null;
  /** Tokens of calls whose endpoint gave no counts, estimated. */
  #unreported = 0;

  constructor(budget: TurnBudget, facts: BudgetFacts) {
    this.#budget = budget;
    this.#facts = facts;
    this.#forecast = facts.forecast ?? new RequestForecast();
  }

  /** These limits for those that work for the turn. `bill` is the turn's, and changes as it goes. */
  asOuter(bill: Spent): OuterBudget {
    const { outer } = this.#facts;
    const held = this.#held;
    return {
      limits: () => this.#limits(bill),
      hold(tokens, usd) {
        const release = [held.hold(tokens, usd), outer?.hold(tokens, usd)];
        return () => {
          for (const one of release) one?.();
        };
      },
      get isHeld() {
        return held.tokens > 0 || outer?.isHeld === true;
      },
      async changed(signal) {
        await Promise.race([held.changed(signal), ...(outer === undefined ? [] : [outer.changed(signal)])]);
      },
    };
  }

  /** Resolves when somebody gives back what was set aside, or `signal` aborts. */
  async room(signal: AbortSignal): Promise<void> {
    const { outer } = this.#facts;
    await Promise.race([this.#held.changed(signal), ...(outer === undefined ? [] : [outer.changed(signal)])]);
  }

  /** Sets aside what an admitted call may take of the limits of those that the thread works for. */
  holdOuter({ model, maxOutputTokens }: ModelRequest, { input }: Expected): () => void {
    const { outer, priceOf } = this.#facts;
    if (outer === undefined) return () => undefined;
    const output = Math.min(maxOutputTokens ?? WANTED_OUTPUT, WANTED_OUTPUT);
    const cost = priceOf(usageOf(input, output), model);
    return outer.hold(input + output, cost.kind === "known" ? cost.usd : 0);
  }

  /** Decides about the next call; an admitted request may carry a lower `maxOutputTokens`. */
  admit(request: ModelRequest, spent: Spent): Admission {
    const { maxModelCalls, deadline } = this.#budget;
    if (deadline?.signal.aborted) return this.#refuse("time", deadline.seconds, deadline.seconds, spent);
    if (maxModelCalls !== undefined && this.#calls >= maxModelCalls) {
      return this.#refuse("turns", maxModelCalls, this.#calls, spent);
    }
    const expected = this.#expect(request);
    let output = Number.POSITIVE_INFINITY;
    for (const limits of this.#limits(spent)) {
      const fits = this.#outputUnder(limits, request.model, expected.input);
      const alone = this.#outputUnder(withoutHeld(limits), request.model, expected.input);
      if (typeof alone !== "number") return alone;
      if (typeof fits !== "number" || fits < Math.min(alone, WANTED_OUTPUT)) return { kind: "later" };
      if (fits < output) this.#boundScope = limits.scope;
      output = Math.min(output, fits);
    }
    this.#calls += 1;
    this.#lastInput = expected.input;
    if (output === Number.POSITIVE_INFINITY) return { kind: "admitted", request, expected };
    return { kind: "admitted", request: this.#bounded(request, expected.input, output), expected };
  }

  /** Asked again about the same request, it expects the same: the forecast takes every question for a new request. */
  #expect(request: ModelRequest): Expected {
    if (this.#asked?.request !== request) {
      this.#asked = { request, expected: this.#forecast.expect(request) };
    }
    return this.#asked.expected;
  }

  /** Takes in what a call really used; null where the endpoint did not say, which counts as estimated. */
  record(usage: TokenUsage | null): void {
    this.#forecast.learn(usage);
    if (usage === null) this.#unreported += this.#lastInput;
  }

  /** How the limits of the turn and its thread stand; `call` counts as reserved. */
  states(bill: Spent, call: { request: ModelRequest; expected: Expected } | null): BudgetState[] {
    const { maxModelCalls } = this.#budget;
    const own = this.#limits(bill).slice(0, this.#facts.thread === undefined ? 1 : 2);
    const reserved = this.#reserved(call);
    const states = own.flatMap((limits) => this.#scopeStates(limits, reserved));
    if (maxModelCalls === undefined) return states;
    const made = this.#calls - (call === null ? 0 : 1);
    const calls = { unit: "calls" as const, limit: maxModelCalls, spent: made, reserved: this.#calls - made };
    return [...states, { scope: "turn", ...calls }];
  }

  #reserved(call: { request: ModelRequest; expected: Expected } | null): { tokens: number; usd: number } {
    if (call === null) return { tokens: 0, usd: 0 };
    const { request, expected } = call;
    const output = request.maxOutputTokens ?? 0;
    const cost = this.#facts.priceOf(usageOf(expected.input, output), request.model);
    return { tokens: expected.input + output, usd: cost.kind === "known" ? cost.usd : 0 };
  }

  #scopeStates(
    { scope, budget, spent }: ScopeLimits,
    reserved: { tokens: number; usd: number },
  ): BudgetState[] {
    const { maxTokens, maxCostUsd } = budget;
    const states: BudgetState[] = [];
    if (maxTokens !== undefined) {
      const used = tokensOf(spent.usage) + this.#unreported;
      const held = reserved.tokens + (spent.held?.tokens ?? 0);
      states.push({ scope, unit: "tokens", limit: maxTokens, spent: used, reserved: held });
    }
    if (maxCostUsd !== undefined) {
      const held = reserved.usd + (spent.held?.usd ?? 0);
      states.push({ scope, unit: "usd", limit: maxCostUsd, spent: dollarsOf(spent), reserved: held });
    }
    return states;
  }

  #limits(bill: Spent): ScopeLimits[] {
    const { maxTokens, maxCostUsd } = this.#budget;
    const { tokens, usd } = this.#held;
    const held = tokens > 0 || usd > 0 ? { held: { tokens, usd } } : {};
    const { usage, cost, atMostUsd } = bill;
    const spent: Spent = { usage, cost, ...(atMostUsd === undefined ? {} : { atMostUsd }), ...held };
    const turn: ScopeLimits = { scope: "turn", budget: { ...optional({ maxTokens, maxCostUsd }) }, spent };
    const { thread, outer } = this.#facts;
    const theirs = outer?.limits() ?? [];
    if (thread === undefined) return [turn, ...theirs];
    const all = { ...plus(thread.before, spent), ...held };
    return [turn, { scope: "thread", budget: thread.budget, spent: all }, ...theirs];
  }

  /** The output that fits under the limits of one scope, or the refusal of the call. */
  #outputUnder({ scope, budget, spent }: ScopeLimits, model: string, input: number): number | Admission {
    const { maxTokens, maxCostUsd } = budget;
    let output = Number.POSITIVE_INFINITY;
    if (maxTokens !== undefined) {
      const used = tokensOf(spent.usage) + this.#unreported + (spent.held?.tokens ?? 0);
      output = maxTokens - used - input;
      if (output < LEAST_OUTPUT) {
        return this.#refuse("tokens", maxTokens, used, spent, input + LEAST_OUTPUT, scope);
      }
    }
    if (maxCostUsd !== undefined) {
      const affordable = this.#affordableOutput(scope, model, input, maxCostUsd, spent);
      if (typeof affordable !== "number") return affordable;
      output = Math.min(output, affordable);
    }
    return output;
  }

  /** The error a turn ends with, told as what it is when the budget was the cause. */
  explain(error: ErrorInfo, spent: Spent, interruptedByUser: boolean): ErrorInfo {
    const { deadline } = this.#budget;
    if (error.code === "interrupted" && deadline?.signal.aborted && !interruptedByUser) {
      return exceeded("time", deadline.seconds, deadline.seconds, spent);
    }
    if (error.code === "model_incomplete" && this.#boundedByUs) {
      const limits = this.#limits(spent).find(({ scope }) => scope === this.#boundScope);
      const { maxTokens, maxCostUsd } = limits?.budget ?? {};
      const total = limits?.spent ?? spent;
      return maxTokens === undefined
        ? exceeded("cost", maxCostUsd ?? 0, dollarsOf(total) ?? 0, total, undefined, this.#boundScope)
        : exceeded("tokens", maxTokens, tokensOf(total.usage), total, undefined, this.#boundScope);
    }
    return error;
  }

  #affordableOutput(
    scope: BudgetScope,
    model: string,
    input: number,
    maxUsd: number,
    spent: Spent,
  ): number | Admission {
    const known = input + this.#unreported;
    const dollars = dollarsOf(spent);
    const used = dollars === null ? null : dollars + (spent.held?.usd ?? 0);
    const forInput = this.#facts.priceOf(usageOf(known, 0), model);
    const forBoth = this.#facts.priceOf(usageOf(known, 1000), model);
    if (forInput.kind === "unknown" || forBoth.kind === "unknown" || used === null) {
      const unknown = [forInput, forBoth, spent.cost].find((cost) => cost?.kind === "unknown");
      return { kind: "refused", error: noPrice(model, unknown) };
    }
    const perToken = (forBoth.usd - forInput.usd) / 1000;
    const least = forInput.usd + perToken * LEAST_OUTPUT;
    if (used + least > maxUsd) return this.#refuse("cost", maxUsd, used, spent, least, scope);
    return perToken > 0 ? (maxUsd - used - forInput.usd) / perToken : Number.POSITIVE_INFINITY;
  }

  #bounded(request: ModelRequest, input: number, output: number): ModelRequest {
    const bound = Math.floor(output);
    const known = this.#facts.contextWindow;
    const most = Math.min(MOST_OUTPUT, this.#facts.outputLimit ?? MOST_OUTPUT);
    const useful = bound < Math.min(most, request.maxOutputTokens ?? most);
    this.#boundedByUs = useful && (known === null || input + bound < known);
    return this.#boundedByUs ? { ...request, maxOutputTokens: bound } : request;
  }

  #refuse(
    limit: LimitName,
    allowed: number,
    used: number,
    spent: Spent,
    needed?: number,
    scope: BudgetScope = "turn",
  ): Admission {
    return { kind: "refused", error: exceeded(limit, allowed, used, spent, needed, scope) };
  }
}

function withoutHeld({ spent, ...limits }: ScopeLimits): ScopeLimits {
  const { held: _held, ...alone } = spent;
  return { ...limits, spent: alone };
}

function optional(budget: { maxTokens: number | undefined; maxCostUsd: number | undefined }): ThreadBudget {
  const { maxTokens, maxCostUsd } = budget;
  return {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
  };
}

function usageOf(input: number, output: number): TokenUsage {
  return { ...NO_USAGE, input_tokens: input, output_tokens: output };
}
