import { configOrigin, type LoadedConfig } from "@quire/config";
import { NO_ROUTE, type TurnRoute, type TurnRouter } from "@quire/core";
import { type Catalogue, contextWindowOf } from "@quire/models";
import type { ErrorCode, ReasoningEffort, UserInput } from "@quire/protocol";
import { effortByRules, routeTask } from "./route-task.ts";
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
  /** "turn", or what else the thread is for. */
  role: string;
}

/** Decides for each turn; undefined where there is nothing to decide. What was chosen on the command line stays. */
export function sessionRouter(
  rules: readonly RoutingRule[],
  facts: () => RouterFacts,
): TurnRouter | undefined {
  if (rules.length === 0 && !facts().loaded.config.effortByRules) return undefined;
  return (input) => routeTurn(promptOf(input), rules, facts());
}

/** What the rules make of a prompt. */
export function routeTurn(prompt: string, rules: readonly RoutingRule[], facts: RouterFacts): TurnRoute {
  const { loaded, catalogue, role } = facts;
  // A turn without words goes on with what another has begun.
  if (prompt === "") return NO_ROUTE;
  const { rule } = routeTask({ prompt, role }, rules);
  const model = rule?.model === undefined || isChosen(loaded, "model") ? undefined : rule.model;
  const effort = isChosen(loaded, "model_reasoning_effort") ? undefined : effortOf(rule, prompt, loaded);
  const said = [
    ...(model === undefined ? [] : [`model ${model}`]),
    ...(effort === undefined ? [] : [`effort ${effort.value}`]),
  ];
  const { fallback = null, budget } = rule ?? {};
  return {
    settings: settingsFor(model, effort?.value, catalogue),
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
            settings: settingsFor(fallback.model, fallback.effort, catalogue),
            on: fallback.on ?? FALLBACK_CODES,
          },
  };
}

function reasonOf(rule: RoutingRule | null, why: string | null): string {
  const byRule = rule === null ? [] : [`rule "${rule.name}" of routing.toml`];
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

function settingsFor(model: string | undefined, effort: ReasoningEffort | undefined, catalogue: Catalogue) {
  const resolved = model === undefined ? null : catalogue.resolveAlias(model);
  return {
    ...(resolved === null
      ? {}
      : { model: resolved.id, contextWindow: contextWindowOf(resolved.model).tokens }),
    ...(effort === undefined ? {} : { effort }),
  };
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
