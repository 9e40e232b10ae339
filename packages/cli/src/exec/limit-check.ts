import { costOf } from "@quire/models";
import { CodedError, NO_USAGE } from "@quire/protocol";
import { modelCatalogue } from "../session/model-catalogue.ts";
import { chooseModel } from "../session/model-choice.ts";
import type { Run } from "./prepare-run.ts";

/**
 * Refuses `--max-cost` for a model without a price before a thread is made: a limit that cannot be measured would be
 * none. A resumed thread may have another model than the configuration; the core looks again before the first call.
 */
export function refuseUnpricedLimit({ args, loaded, system, home }: Run): void {
  if (args.limits.maxCostUsd === null || args.action.kind === "resume" || args.action.kind === "fork") return;
  const choice = chooseModel(loaded.config, system.env, home);
  if (choice.kind === "offline") return;
  const cost = costOf(NO_USAGE, modelCatalogue(loaded.config).resolveAlias(choice.model).model);
  if (cost.kind === "known") return;
  throw new CodedError("config_invalid", `--max-cost cannot be kept: ${cost.reason}`, {
    nextStep: `Give the price: set model_catalog_json = "models.json" in config.toml, and in that file {"models":[{"id":${JSON.stringify(choice.model)},"price":{"input":1.25,"cached_input":0.125,"output":10}}]} in US dollars for a million tokens. Or limit the run by --max-tokens.`,
  });
}
