import type { Cost, ThreadGoal } from "@quire/protocol";

/** 340 ms, 2.3 s, 1 min 05 s, 2 h 10 min. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** 950, 4.2k, 120k, 1.3M. */
export function tokensText(count: number): string {
  if (count < 1000) return String(count);
  if (count < 99_950) return `${(count / 1000).toFixed(1)}k`;
  if (count < 999_500) return `${Math.round(count / 1000)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** The tokens that a goal has used, of those that it may: 1.2k of 50.0k. */
export function goalTokensText({ tokensUsed, tokenBudget }: ThreadGoal): string {
  const most = tokenBudget === null ? "" : ` of ${tokensText(tokenBudget)}`;
  return `${tokensText(tokensUsed)}${most}`;
}

/** Dollars with as many places as the sum needs; what is not known is said to be unknown. */
export function costText(cost: Cost | null): string {
  if (cost === null) return "";
  if (cost.kind === "unknown") return "cost unknown";
  return `$${cost.usd.toFixed(cost.usd !== 0 && cost.usd < 1 ? 4 : 2)}`;
}

/** "1 line", "12 lines". */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
