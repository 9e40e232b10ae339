import { addUsage, type Cost, type TokenUsage } from "@quire/protocol";
import { addCost } from "../thread/cost.ts";

/** What the turn, or the thread, has used so far. */
export interface Spent {
  readonly usage: TokenUsage;
  readonly cost: Cost | null;
  /** A bound on an unknown cost, where there is one. */
  readonly atMostUsd?: number | null;
  /** What calls in progress of the thread's agents may still take. */
  readonly held?: { readonly tokens: number; readonly usd: number };
}

/** In and out, cached ones included. */
export function tokensOf(usage: TokenUsage): number {
  return usage.input_tokens + usage.output_tokens;
}

/** US dollars; null when neither the cost nor a bound on it is known. */
export function dollarsOf({ cost, atMostUsd }: Spent): number | null {
  if (cost === null) return 0;
  return cost.kind === "known" ? cost.usd : (atMostUsd ?? null);
}

/** What both have used; nothing is held of it. */
export function plus(before: Spent, turn: Spent): Spent {
  const a = dollarsOf(before);
  const b = dollarsOf(turn);
  return {
    usage: addUsage(before.usage, turn.usage),
    cost: addCost(before.cost, turn.cost),
    atMostUsd: a === null || b === null ? null : a + b,
  };
}
