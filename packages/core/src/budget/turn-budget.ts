import type { Spent } from "./spent.ts";

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

/** What holds for all turns of a thread together. */
export interface ThreadBudget {
  readonly maxTokens?: number;
  readonly maxCostUsd?: number;
}

/** The stricter of two budgets in every limit. */
export function smaller(a: TurnBudget, b: Omit<TurnBudget, "deadline">): TurnBudget {
  const least = (key: "maxModelCalls" | "maxTokens" | "maxCostUsd") => {
    const values = [a[key], b[key]].filter((value) => value !== undefined);
    return values.length === 0 ? {} : { [key]: Math.min(...values) };
  };
  return { ...a, ...least("maxModelCalls"), ...least("maxTokens"), ...least("maxCostUsd") };
}

/** The limits of a turn, for those that work for it: their calls must fit under them as well. */
export interface OuterBudget {
  /** The narrowest first or last, it does not matter: all hold. What others have set aside counts as spent. */
  limits(): readonly ScopeLimits[];
  /** Sets aside what a call may take; the returned function gives it back, once. */
  hold(tokens: number, usd: number): () => void;
  /** Whether anything is set aside now. */
  readonly isHeld: boolean;
  /** Resolves when something is given back, or `signal` aborts. */
  changed(signal: AbortSignal): Promise<void>;
}

/** Whose limit it is. */
export type BudgetScope = "turn" | "thread";

/** The limits of one scope, and what they have been used up by. */
export interface ScopeLimits {
  scope: BudgetScope;
  budget: ThreadBudget;
  spent: Spent;
}
