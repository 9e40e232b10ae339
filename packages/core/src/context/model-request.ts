import type { ModelRequest } from "@quire/models";
import type { TurnContext } from "../turn/turn-context.ts";

/**
 * The request that a thread's history amounts to. Everything but `input` is constant for a thread as long as its settings
 * are, and `input` only grows, so each request begins with the bytes of the one before and provider caches hold.
 */
export function toModelRequest(turn: TurnContext): ModelRequest {
  const { settings, parts } = turn;
  return {
    model: settings.model,
    instructions: settings.instructions,
    input: parts.record.history,
    tools: parts.tools.map((tool) => tool.spec),
    ...(settings.webSearch === undefined ? {} : { webSearch: settings.webSearch }),
    parallelToolCalls: settings.parallelToolCalls,
    ...(settings.effort === null ? {} : { effort: settings.effort }),
    reasoningSummary: settings.reasoningSummary,
    ...(settings.verbosity === null ? {} : { verbosity: settings.verbosity }),
    ...(settings.outputSchema === null ? {} : { outputSchema: settings.outputSchema }),
    promptCacheKey: parts.record.threadId,
    ...(settings.maxOutputTokens === null ? {} : { maxOutputTokens: settings.maxOutputTokens }),
  };
}
