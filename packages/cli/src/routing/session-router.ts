import { configOrigin, type LoadedConfig } from "@quire/config";
import { NO_ROUTE, type TurnRoute, type TurnRouter } from "@quire/core";
import { type Catalogue, contextWindowOf, endpointMismatch } from "@quire/models";
import { CodedError, type ErrorCode, type ReasoningEffort, type UserInput } from "@quire/protocol";
import { refuseRetired } from "../session/model/model-facts.ts";
import {
  effortByRules,
  looksAtRepository,
  type RepositorySize,
  type RouteDecision,
  routeTask,
} from "./route-task.ts";
import type { RoutingRule } from "./routing-file.ts";

/** Failures that another model may not have. */
const FALLBACK_CODES: readonly ErrorCode[] = [
  "model_unreachable",
  "model_overloaded",
  "model_rate_limited",
  "model_server_error",
  "model_stalled",
  "model_not_found",
];

export interface RouterFacts {
  loaded: LoadedConfig;
  catalogue: Catalogue;
  /** The wire API that models of rules have to answer to; null for the offline engine. */
  wireApi: string | null;
  /** "turn", or the role of the agent. */
  role: string;
  /** Counts the files of the repository; asked only where a rule looks at it. */
  repositorySize: () => Promise<RepositorySize>;
}

/** A decision with how it came about. */
export interface ExplainedRoute {
  route: TurnRoute;
  decision: RouteDecision;
}

/** Decides for each turn; undefined where there is nothing to decide. What was chosen on the command line stays. */
export function sessionRouter(rules: readonly RoutingRule[], facts: RouterFacts): TurnRouter | undefined {
  if (rules.length === 0 && !facts.loaded.config.effortByRules) return undefined;
  return async (input) => {
    const prompt = promptOf(input);
    // A turn without words goes on with what another has begun.
    return prompt === "" ? NO_ROUTE : (await routeTurn(prompt, rules, facts)).route;
  };
}

/** What the rules make of a prompt. Fails with `config_invalid` where the deciding rule names a model that cannot be used. */
export async function routeTurn(
  prompt: string,
  rules: readonly RoutingRule[],
  facts: RouterFacts,
): Promise<ExplainedRoute> {
  const { loaded, role } = facts;
  const repository = rules.some(looksAtRepository) ? await facts.repositorySize() : null;
  const decision = routeTask({ prompt, role, repository }, rules);
  const { rule } = decision;
  const model = rule?.model === undefined || isChosen(loaded, "model") ? undefined : rule.model;
  const effort = isChosen(loaded, "model_reasoning_effort") ? undefined : effortOf(rule, prompt, loaded);
  const said = [
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(effort === undefined ? [] : [`effort ${effort.value}`]),
  ];
  const { fallback = null, budget } = rule ?? {};
  const route: TurnRoute = {
    settings: settingsFor(model, effort?.value, rule, facts),
    budget: {
      ...(budget?.max_cost === undefined ? {} : { maxCostUsd: budget.max_cost }),
      ...(budget?.max_tokens === undefined ? {} : { maxTokens: budget.max_tokens }),
    },
    reason:
      said.length === 0
        ? null
        : `This turn runs with ${said.join(", ")}: ${reasonOf(rule, effort?.reason ?? null)}.`,
    fallback:
      fallback === null
        ? null
        : {
            settings: settingsFor(fallback.model, fallback.effort, rule, facts),
            on: fallback.on ?? FALLBACK_CODES,
          },
  };
  return { route, decision };
}

function reasonOf(rule: RoutingRule | null, why: string | null): string {
  const byRule = rule === null ? [] : [`rule "${rule.name}" of ${rule.file}`];
  return [...byRule, ...(why === null ? [] : [`effort "auto": ${why}`])].join("; ");
}

function effortOf(
  rule: RoutingRule | null,
  prompt: string,
  { config }: LoadedConfig,
): { value: ReasoningEffort; reason: string | null } | undefined {
  if (rule?.effort !== undefined) return { value: rule.effort, reason: null };
  if (!config.effortByRules) return undefined;
  const { effort, reason } = effortByRules(prompt);
  return { value: effort, reason };
}

function settingsFor(
  model: string | undefined,
  effort: ReasoningEffort | undefined,
  rule: RoutingRule | null,
  { catalogue, wireApi }: RouterFacts,
): TurnRoute["settings"] {
  if (model === undefined) return effort === undefined ? {} : { effort };
  const resolved = catalogue.resolveAlias(model);
  const mismatch = wireApi === null ? null : endpointMismatch(catalogue.findModel(model), wireApi);
  if (mismatch !== null) {
    throw new CodedError(
      "config_invalid",
      `rule "${rule?.name ?? ""}" of ${rule?.file ?? ""}: ${mismatch.message}`,
      {
        nextStep: mismatch.nextStep,
      },
    );
  }
  refuseRetired(catalogue.findModel(model));
  const contextWindow = contextWindowOf(resolved.model).tokens;
  const outputLimit = resolved.model.output_limit;
  return { model: resolved.id, contextWindow, outputLimit, ...(effort === undefined ? {} : { effort }) };
}

/** Whether the user has said so for this run; `auto` on the command line is no choice of one. */
function isChosen(loaded: LoadedConfig, key: "model" | "model_reasoning_effort"): boolean {
  const layer = configOrigin(loaded, key)?.layer;
  const chosen = layer === "flag" || layer === "override";
  return chosen && !(key === "model_reasoning_effort" && loaded.config.effortByRules);
}

function promptOf(input: readonly UserInput[]): string {
  return input.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
