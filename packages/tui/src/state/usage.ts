import type { NotificationParams } from "@quire/protocol/app-server";
import type { ThreadUsage, TokenCounts } from "./thread-state.ts";

type WireUsage = NotificationParams<"thread/tokenUsage/updated">["tokenUsage"];

/** The tokens of a thread in the words of this package. */
export function usageOf({ total, last, modelContextWindow, totalCost }: WireUsage): ThreadUsage {
  return {
    total: countsOf(total),
    last: countsOf(last),
    window: modelContextWindow,
    cost: totalCost ?? null,
  };
}

function countsOf(breakdown: WireUsage["total"]): TokenCounts {
  return {
    input: breakdown.inputTokens,
    cached: breakdown.cachedInputTokens,
    output: breakdown.outputTokens,
    reasoning: breakdown.reasoningOutputTokens,
    total: breakdown.totalTokens,
  };
}
