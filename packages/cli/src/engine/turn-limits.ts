import type { TurnBudget } from "@quire/core";
import { costOf } from "@quire/models";
import { CodedError, NO_USAGE } from "@quire/protocol";
import type { TurnLimits } from "@quire/protocol/app-server";
import { modelCatalogue } from "../session/model/model-catalogue.ts";
import { chooseModel } from "../session/model/model-choice.ts";
import type { EngineBase, ThreadConfig } from "./thread-config.ts";

/** The budget for a turn, with the timer behind its deadline; call `stop` when the turn has ended. */
export function startBudget(limits: TurnLimits): { budget: TurnBudget; stop: () => void } {
  const { maxModelCalls, maxTokens, maxCostUsd, timeoutMs } = limits;
  const controller = new AbortController();
  const timer = timeoutMs == null ? null : setTimeout(() => controller.abort(), timeoutMs);
  return {
    budget: {
      ...(maxModelCalls == null ? {} : { maxModelCalls }),
      ...(maxTokens == null ? {} : { maxTokens }),
      ...(maxCostUsd == null ? {} : { maxCostUsd }),
      ...(timeoutMs == null ? {} : { deadline: { signal: controller.signal, seconds: timeoutMs / 1000 } }),
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/**
 * Refuses a limit on cost for a model without a price before a thread is made: a limit that cannot be measured would be
 * none. A resumed thread may have another model than the configuration; the core looks again before the first call.
 */
export function refuseUnpricedLimit(
  limits: TurnLimits | null,
  { loaded }: ThreadConfig,
  { system, home }: EngineBase,
): void {
  if (limits?.maxCostUsd == null) return;
  const choice = chooseModel(loaded.config, system.env, home);
  if (choice.kind === "offline") return;
  const cost = costOf(NO_USAGE, modelCatalogue(loaded.config).resolveAlias(choice.model).model);
  if (cost.kind === "known") return;
  throw new CodedError("config_invalid", `--max-cost cannot be kept: ${cost.reason}`, {
    nextStep: `Give the price: set model_catalog_json = "models.json" in config.toml, and in that file {"models":[{"id":${JSON.stringify(choice.model)},"price":{"input":1.25,"cached_input":0.125,"output":10}}]} in US dollars for a million tokens. Or limit the run by --max-tokens.`,
  });
}
