import type { Capabilities } from "../../endpoint.ts";
import { nearestEffort } from "../../endpoint.ts";
import type { ModelRequest } from "../../model-client.ts";
import { reasoningOrigin } from "../history/reasoning-origin.ts";
import type { Group } from "../history/turn-groups.ts";

const BUDGETS: Readonly<Record<string, number>> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 24_576,
};
/** Models that take a fixed number of tokens; newer ones decide themselves and refuse the number. */
const WITH_BUDGET = /claude-(3-7-sonnet|(sonnet|opus|haiku)-4(-[015])?(-\d{8}|-latest)?$)/;
const WITHOUT_THINKING = /claude-(instant|2|3-(opus|sonnet|haiku|5))/;

/** What a request says about thinking. Nothing when no effort is asked for: then the model does not think aloud. */
export function thinkingFields(
  request: ModelRequest,
  groups: readonly Group[],
  capabilities: Capabilities,
): { thinking?: object; output_config?: object } {
  const effort = request.effort && nearestEffort(request.effort, capabilities.efforts);
  if (!capabilities.reasoning || effort === undefined || effort === "none") return {};
  if (WITHOUT_THINKING.test(request.model)) return {};
  if (WITH_BUDGET.test(request.model)) {
    if (!mayThinkNow(groups)) return {};
    return { thinking: { type: "enabled", budget_tokens: BUDGETS[effort] ?? 8_192 } };
  }
  const display = request.reasoningSummary === "none" ? "omitted" : "summarized";
  return {
    thinking: { type: "adaptive", display },
    output_config: { effort: effort === "minimal" ? "low" : effort },
  };
}

/** In the middle of calls a thought is wanted at the beginning of them; a history of another model has none. */
function mayThinkNow(groups: readonly Group[]): boolean {
  if (groups.at(-1)?.kind !== "answers") return true;
  const said = groups.findLast((group) => group.kind === "model");
  const first = said?.kind === "model" ? said.items[0] : undefined;
  return first?.type === "reasoning" && reasoningOrigin(first).kind === "anthropic";
}

/** Tokens of an answer when nobody said how many: what all models of that generation allow. */
export function usualOutputLimit(model: string): number {
  if (/claude-(instant|2|3-(opus|sonnet|haiku))/.test(model)) return 4_096;
  return model.includes("claude-3-5") ? 8_192 : 32_000;
}
