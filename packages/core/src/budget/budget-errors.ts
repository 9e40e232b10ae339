import { type Cost, type ErrorInfo, groupedDigits } from "@quire/protocol";
import { type Spent, tokensOf } from "./spent.ts";
import type { BudgetScope } from "./turn-budget.ts";

/** Which limit. */
export type LimitName = NonNullable<ErrorInfo["budget"]>["limit"];

/** A limit that is used up, or would be by the next call, which needs about `needed`. */
export function exceeded(
  limit: LimitName,
  allowed: number,
  used: number,
  spent: Spent,
  needed?: number,
  scope: BudgetScope = "turn",
): ErrorInfo {
  const amount = (value: number) => amountText(limit, value);
  const next = needed === undefined ? "" : ` and the next call needs about ${amount(needed)}`;
  const money = spent.cost?.kind === "known" ? `, $${spent.cost.usd.toFixed(4)}` : "";
  const setting = scope === "turn" ? `--${FLAGS[limit]}` : `[budget.thread] ${CONFIG_KEYS[limit]}`;
  return {
    code: "budget_exceeded",
    message: `The budget of this ${scope === "turn" ? "run" : "thread"} is used up: ${amount(used)} of ${amount(allowed)} (${setting})${next}. Used in all: ${groupedDigits(tokensOf(spent.usage))} tokens${money}. What was done so far is kept.`,
    retryable: false,
    next_step:
      scope === "turn"
        ? `Resume the thread to go on, with a larger --${FLAGS[limit]} if it needs one.`
        : `Allow more with ${setting} in config.toml, or start a new thread.`,
    budget: { limit, allowed, used, ...(needed === undefined ? {} : { needed }), scope },
  };
}

const CONFIG_KEYS: Readonly<Record<LimitName, string>> = {
  turns: "max_calls",
  tokens: "max_tokens",
  cost: "max_cost",
  time: "timeout",
};

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

/** The error of a limit in money for a model that has no price. */
export function noPrice(model: string, cost: Cost | null | undefined): ErrorInfo {
  const reason = cost?.kind === "unknown" ? cost.reason : `no price of "${model}" is known`;
  return {
    code: "config_invalid",
    message: `a limit on cost cannot be kept: ${reason}`,
    retryable: false,
    next_step: `Give the price in a model catalogue (model_catalog_json = "models.json" in config.toml, holding {"models":[{"id":${JSON.stringify(model)},"price":{"input":1.25,"cached_input":0.125,"output":10}}]}, US dollars for a million tokens), or limit the run by --max-tokens.`,
  };
}
