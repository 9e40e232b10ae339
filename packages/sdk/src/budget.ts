import type { Cost } from "@quire/protocol";
import type { NotificationParams } from "@quire/protocol/app-server";
import type { BudgetExceededError } from "./errors.ts";
import type { Budget } from "./options.ts";

type Usage = NotificationParams<"thread/tokenUsage/updated">["tokenUsage"];

export type Excess =
  | { kind: "budget"; budget: BudgetExceededError["budget"]; message: string }
  | { kind: "cost_unknown"; message: string };

/** Adds up what one run has used. The engine reports after each call to the model, so a run can pass a limit by one call. */
export class BudgetMeter {
  readonly #budget: Budget;
  #calls = 0;
  #tokens = 0;
  #costBefore: Cost | null = null;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  /** What the thread had cost when the run began; nothing for a new thread. */
  startFrom(totalCost: Cost | null): void {
    this.#costBefore = totalCost;
  }

  /** The first limit that this report passes. */
  add(usage: Usage): Excess | null {
    // Requests of the thread's agents count in tokens and money; the turns are its own.
    if (usage.spent === undefined) this.#calls += 1;
    this.#tokens += (usage.spent ?? usage.last).totalTokens;
    const { maxTurns, maxTokens, maxCostUsd } = this.#budget;
    if (maxTokens !== undefined && this.#tokens > maxTokens) {
      return excess("maxTokens", `the run has used ${this.#tokens} tokens; ${maxTokens} were allowed`);
    }
    if (maxCostUsd !== undefined) {
      const spent = this.#spent(usage.totalCost ?? null);
      if (spent === null) {
        return {
          kind: "cost_unknown",
          message: "what the run costs is unknown, so maxCostUsd cannot be kept",
        };
      }
      if (spent > maxCostUsd) {
        return excess("maxCostUsd", `the run has cost $${spent.toFixed(4)}; $${maxCostUsd} were allowed`);
      }
    }
    if (maxTurns !== undefined && this.#calls > maxTurns) {
      return excess("maxTurns", `the run has called the model more than ${maxTurns} times`);
    }
    return null;
  }

  #spent(total: Cost | null): number | null {
    if (total?.kind !== "known") return null;
    return total.usd - (this.#costBefore?.kind === "known" ? this.#costBefore.usd : 0);
  }
}

function excess(budget: BudgetExceededError["budget"], message: string): Excess {
  return { kind: "budget", budget, message };
}
