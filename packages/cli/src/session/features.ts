import { agentFilesIn, type QuireConfig } from "@quire/config";

const USER_INPUT_TOOL = "request_user_input";

/** A switch under `[features]`. */
export interface Feature {
  name: string;
  stage: "stable" | "experimental" | "deprecated";
  default: boolean;
  summary: string;
}

/** Every switch that does something here. Tools are switched by the names that Codex uses for them. */
export const FEATURES: readonly Feature[] = [
  {
    name: "offline_repair",
    stage: "stable",
    default: true,
    summary: "use the built-in repair engine when no model is configured",
  },
  {
    name: "multi_agent",
    stage: "experimental",
    default: false,
    summary: "tools with which the model starts other agents; the same as [agents] enabled",
  },
  {
    name: "edit_diagnostics",
    stage: "experimental",
    default: false,
    summary: "look for language servers on PATH and tell the model which errors an edit brought",
  },
  {
    name: "repo_map",
    stage: "experimental",
    default: false,
    summary: "the tool that lists the most important files and what they declare",
  },
  { name: "update_plan", stage: "stable", default: true, summary: "the to-do list tool" },
  {
    name: "goals",
    stage: "stable",
    default: false,
    summary: "the model may set a goal of its own; users may set one without it",
  },
  { name: "view_image_tool", stage: "stable", default: true, summary: "the tool that looks at images" },
  {
    name: "web_search_request",
    stage: "deprecated",
    default: false,
    summary: 'the same as web_search = "live", where that is not set',
  },
  {
    name: "web_search_cached",
    stage: "deprecated",
    default: false,
    summary: 'the same as web_search = "cached", where that is not set',
  },
];

export function isFeature(name: string): boolean {
  return FEATURES.some((feature) => feature.name === name);
}

/** Whether a feature is on under this configuration. */
export function featureEnabled(config: QuireConfig, name: string): boolean {
  const known = FEATURES.find((feature) => feature.name === name);
  return config.features[name] ?? known?.default ?? false;
}

/**
 * Whether the model may start agents. What `[agents] enabled` says wins; without it, a kind of agent of the user's own
 * says so as well.
 */
export function agentsEnabled(config: QuireConfig, home: string): boolean {
  const { enabled, roles } = config.agents;
  return (
    enabled ?? (featureEnabled(config, "multi_agent") || roles.length > 0 || agentFilesIn(home).length > 0)
  );
}

/** Names of tools that the configuration switches off. */
export function toolsSwitchedOff(config: QuireConfig): string[] {
  return [
    ...(config.updatePlanTool && featureEnabled(config, "update_plan") ? [] : ["update_plan"]),
    ...(config.userInputTool ? [] : [USER_INPUT_TOOL]),
    ...(config.viewImageTool && featureEnabled(config, "view_image_tool") ? [] : ["view_image"]),
  ];
}
