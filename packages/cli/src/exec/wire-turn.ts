import type { Cost, ErrorInfo, TokenUsage } from "@quire/protocol";
import type { NotificationParams, WireTurn } from "@quire/protocol/app-server";

/** What a thread has used in all; null where nothing is known. */
export interface ThreadTotals {
  usage: TokenUsage | null;
  cost: Cost | null;
}

export function totalsOf({ tokenUsage }: NotificationParams<"thread/tokenUsage/updated">): ThreadTotals {
  const { total, totalCost } = tokenUsage;
  return {
    usage: {
      input_tokens: total.inputTokens,
      cached_input_tokens: total.cachedInputTokens,
      cache_write_input_tokens: total.cacheWriteInputTokens,
      output_tokens: total.outputTokens,
      reasoning_output_tokens: total.reasoningOutputTokens,
    },
    cost: totalCost ?? null,
  };
}

/** Why a turn ended early, with its code. A server of ours always sends the whole error. */
export function errorOfTurn({ error }: Pick<WireTurn, "error">): ErrorInfo | null {
  if (error === null) return null;
  return error.error ?? { code: "internal", message: error.message, retryable: false };
}
