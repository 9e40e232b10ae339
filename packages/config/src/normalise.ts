import { DEFAULT_PROJECT_DOC_MAX_BYTES } from "./defaults.ts";
import { effortOf } from "./effort.ts";
import { normaliseMcpServer } from "./mcp-server-config.ts";
import { normaliseNetwork } from "./network-config.ts";
import {
  type FilePermissionsConfig,
  filePermissions,
  modeOfProfile,
  type ProfileInForce,
  profileInForce,
} from "./permission-profile.ts";
import { DEFAULT_ROOT_MARKERS } from "./project-root.ts";
import { normaliseProvider } from "./provider-config.ts";
import type {
  AgentsConfig,
  BudgetConfig,
  McpServerConfig,
  QuireConfig,
  WebSearchOptions,
  WebSearchService,
} from "./quire-config.ts";
import { copyRecord, mapRecord } from "./record.ts";
import type { ConfigFile } from "./schema/config-file.ts";

type SafetyConfig = Pick<
  QuireConfig,
  | "approvalPolicy"
  | "sandboxMode"
  | "sandboxModeIsChosen"
  | "filePermissions"
  | "workspaceWrite"
  | "network"
  | "shellEnvironment"
  | "allowLoginShell"
>;
type ToolConfig = Pick<
  QuireConfig,
  | "webSearch"
  | "webSearchOptions"
  | "webSearchService"
  | "updatePlanTool"
  | "userInputTool"
  | "memories"
  | "maxGoalTokens"
  | "viewImageTool"
  | "backgroundTerminalMaxTimeoutMs"
  | "mcpServers"
  | "mcpStartupGraceMs"
  | "mcpOauthCallbackPort"
  | "mcpOauthStore"
  | "languageServers"
  | "features"
>;

/**
 * Turns the merged layers into the object that the program works with. The fallbacks repeat the lowest layer.
 * `modeSetBy`: who set the sandbox mode, if it was not that layer.
 */
export function normaliseConfig(file: ConfigFile, modeSetBy: "project" | "user" | null): QuireConfig {
  const olderSettings = modeSetBy === "user";
  return {
    ...modelConfig(file),
    ...safetyConfig(
      file,
      profileInForce(file, olderSettings),
      filePermissions(file, olderSettings),
      modeSetBy,
    ),
    ...toolConfig(file),
    budget: budgetConfig(file),
    agents: agentsConfig(file),
    projectDocMaxBytes: file.project_doc_max_bytes ?? DEFAULT_PROJECT_DOC_MAX_BYTES,
    projectDocFallbackFilenames: file.project_doc_fallback_filenames ?? [],
    projectDocRules: file.project_doc_rules ?? "enforce",
    projectRootMarkers: file.project_root_markers ?? DEFAULT_ROOT_MARKERS,
    history: {
      persistence: file.history?.persistence ?? "save-all",
      maxBytes: file.history?.max_bytes ?? null,
    },
    hideAgentReasoning: file.hide_agent_reasoning ?? false,
    showRawAgentReasoning: file.show_raw_agent_reasoning ?? false,
    fileOpener: file.file_opener ?? "vscode",
    notify: file.notify ?? null,
    authStore: file.cli_auth_credentials_store ?? "file",
    logDir: file.log_dir ?? null,
    tui: copyRecord(file.tui),
  };
}

/** The word that leaves the effort of each turn to stated rules. */
export const AUTO_EFFORT = "auto";

function modelConfig(file: ConfigFile) {
  return {
    model: file.model ?? null,
    modelProvider: file.model_provider ?? null,
    modelProviders: mapRecord(file.model_providers, normaliseProvider),
    openaiBaseUrl: file.openai_base_url ?? null,
    ossProvider: file.oss_provider ?? null,
    reviewModel: file.review_model ?? null,
    modelReasoningEffort:
      file.model_reasoning_effort === AUTO_EFFORT ? null : effortOf(file.model_reasoning_effort),
    effortByRules: file.model_reasoning_effort === AUTO_EFFORT,
    planModeReasoningEffort: effortOf(file.plan_mode_reasoning_effort),
    modelReasoningSummary: file.model_reasoning_summary ?? null,
    modelSupportsReasoningSummaries: file.model_supports_reasoning_summaries ?? null,
    modelVerbosity: file.model_verbosity ?? null,
    modelContextWindow: file.model_context_window ?? null,
    modelMaxOutputTokens: file.model_max_output_tokens ?? null,
    autoCompactTokenLimit: file.model_auto_compact_token_limit ?? null,
    compactPrompt: file.compact_prompt ?? null,
    compactor: file.compactor ?? "model",
    modelCatalogFile: file.model_catalog_json ?? null,
    serviceTier: file.service_tier ?? null,
    personality: file.personality ?? null,
    disableResponseStorage: file.disable_response_storage ?? false,
    toolOutputTokenLimit: file.tool_output_token_limit ?? null,
    instructions: file.instructions ?? null,
    modelInstructionsFile: file.model_instructions_file ?? null,
    developerInstructions: file.developer_instructions ?? null,
    includePermissionsInstructions: file.include_permissions_instructions ?? true,
    includeEnvironmentContext: file.include_environment_context ?? true,
  } satisfies Partial<QuireConfig>;
}

function budgetConfig({ budget }: ConfigFile): BudgetConfig {
  const span = (limits: { max_cost?: number | undefined; max_tokens?: number | undefined } | undefined) => ({
    maxCostUsd: limits?.max_cost ?? null,
    maxTokens: limits?.max_tokens ?? null,
  });
  const { name, per_usd: perUsd } = budget?.credits ?? {};
  return {
    turn: { ...span(budget?.turn), maxCalls: budget?.turn?.max_calls ?? null },
    thread: span(budget?.thread),
    day: span(budget?.day),
    month: span(budget?.month),
    user: span(budget?.user),
    retriesPerTurn: budget?.retries_per_turn ?? null,
    credits: perUsd === undefined ? null : { name: name ?? "credits", perUsd },
  };
}

/** From the strictest on; what is not in it confines nothing. */
const MODE_ORDER = ["read-only", "workspace-write", "danger-full-access"];

function stricter<Mode extends string>(one: Mode, other: Mode): Mode {
  return MODE_ORDER.indexOf(one) <= MODE_ORDER.indexOf(other) ? one : other;
}

function safetyConfig(
  file: ConfigFile,
  profile: ProfileInForce,
  files: FilePermissionsConfig | null,
  modeSetBy: "project" | "user" | null,
): SafetyConfig {
  const ofProfile = modeSetBy === "user" ? null : modeOfProfile(file, files);
  const set = file.sandbox_mode ?? "workspace-write";
  const narrowed = ofProfile !== null && modeSetBy === "project" ? stricter(ofProfile, set) : ofProfile;
  const workspace = file.sandbox_workspace_write;
  const shell = file.shell_environment_policy;
  const openToAll = profile.isOpen && Object.keys(profile.domains).length === 0;
  return {
    approvalPolicy: file.approval_policy ?? "on-request",
    sandboxMode: narrowed ?? set,
    sandboxModeIsChosen: modeSetBy !== null || ofProfile !== null,
    filePermissions: files,
    workspaceWrite: {
      writableRoots: workspace?.writable_roots ?? [],
      networkAccess: openToAll || (workspace?.network_access ?? false),
      excludeTmpdirEnvVar: workspace?.exclude_tmpdir_env_var ?? false,
      excludeSlashTmp: workspace?.exclude_slash_tmp ?? false,
    },
    network: normaliseNetwork(file, profile),
    shellEnvironment: {
      inherit: shell?.inherit ?? "core",
      ignoreDefaultExcludes: shell?.ignore_default_excludes ?? false,
      exclude: shell?.exclude ?? [],
      includeOnly: shell?.include_only ?? null,
      set: copyRecord(shell?.set),
      useProfile: shell?.experimental_use_profile ?? false,
    },
    allowLoginShell: file.allow_login_shell ?? true,
  };
}

function toolConfig(file: ConfigFile): ToolConfig {
  return {
    webSearch: file.web_search ?? olderWebSearch(file),
    webSearchOptions: webSearchOptions(file),
    webSearchService: webSearchService(file),
    userInputTool: isOn(file.tools?.experimental_request_user_input),
    memories: {
      use: file.memories?.use_memories ?? false,
      generate: file.memories?.generate_memories ?? false,
      disableOnExternalContext: file.memories?.disable_on_external_context ?? true,
      maxUnusedDays: file.memories?.max_unused_days ?? 90,
      maxAgeDays: file.memories?.max_rollout_age_days ?? 30,
      maxThreads: file.memories?.max_rollouts_per_startup ?? 8,
      idleHours: file.memories?.min_rollout_idle_hours ?? 6,
      extractModel: file.memories?.extract_model ?? null,
      consolidationModel: file.memories?.consolidation_model ?? null,
    },
    maxGoalTokens: file.goals?.max_goal_token_budget ?? null,
    updatePlanTool: file.tools?.update_plan?.enabled ?? true,
    viewImageTool: file.tools?.view_image ?? true,
    backgroundTerminalMaxTimeoutMs: file.background_terminal_max_timeout ?? 300_000,
    mcpServers: mcpServers(file),
    mcpStartupGraceMs: file.mcp_optional_startup_grace_ms ?? 1000,
    mcpOauthCallbackPort: file.mcp_oauth_callback_port ?? null,
    mcpOauthStore: file.mcp_oauth_credentials_store ?? "auto",
    languageServers: Object.entries(file.language_servers ?? {}).map(
      ([name, { command, args, extensions }]) => ({
        name,
        command,
        args: args ?? [],
        extensions: extensions.map((one) => one.replace(/^\./, "").toLowerCase()),
      }),
    ),
    features: mapRecord(file.features, (value) =>
      typeof value === "boolean" ? value : value.enabled !== false,
    ),
  };
}

function webSearchTable(file: ConfigFile) {
  const table = file.tools?.web_search;
  return typeof table === "object" ? table : {};
}

function webSearchService(file: ConfigFile): WebSearchService | null {
  const table = webSearchTable(file);
  if (table.endpoint === undefined) return null;
  const { header, env, prefix = "" } = table;
  return {
    endpoint: table.endpoint,
    queryParameter: table.query_parameter ?? null,
    parameters: table.parameters === undefined ? null : copyRecord(table.parameters),
    key: header === undefined || env === undefined ? null : { header, prefix, env },
    fields: {
      results: table.results ?? null,
      title: table.title ?? null,
      url: table.url ?? null,
      snippet: table.snippet ?? null,
    },
    maxResults: table.max_results ?? 8,
  };
}

/** A switch that may be a table; on unless it says otherwise. */
function isOn(value: boolean | { enabled?: boolean | undefined } | undefined): boolean {
  return typeof value === "object" ? value.enabled !== false : (value ?? true);
}

/** The switches that Codex had before `web_search`. */
function olderWebSearch(file: ConfigFile): QuireConfig["webSearch"] {
  const isOn = (name: string) => file.features?.[name] === true;
  if (file.tools?.web_search || isOn("web_search_request")) return "live";
  return isOn("web_search_cached") ? "cached" : "disabled";
}

function webSearchOptions(file: ConfigFile): WebSearchOptions {
  const { allowed_domains, context_size, location } = webSearchTable(file);
  return {
    allowedDomains: allowed_domains ?? [],
    contextSize: context_size ?? null,
    location: location === undefined ? null : copyRecord(location),
  };
}

function mcpServers(file: ConfigFile): Record<string, McpServerConfig> {
  const servers: Record<string, McpServerConfig> = Object.create(null);
  for (const [id, table] of Object.entries(file.mcp_servers ?? {})) {
    const server = normaliseMcpServer(table, id);
    if (server !== null) servers[id] = server;
  }
  return servers;
}

function agentsConfig(file: ConfigFile): AgentsConfig {
  const agents = file.agents;
  return {
    enabled: agents?.enabled ?? null,
    maxThreads: agents?.max_concurrent_threads_per_session ?? agents?.max_threads ?? null,
    maxDepth: agents?.max_depth ?? 1,
    defaultModel: agents?.default_subagent_model ?? null,
    defaultReasoningEffort: effortOf(agents?.default_subagent_reasoning_effort),
    maxRuntimeSeconds: agents?.job_max_runtime_seconds ?? null,
    roles: Object.entries(agents ?? {}).flatMap(([name, role]) =>
      typeof role === "object" && role !== null
        ? [{ name, description: role.description ?? null, file: role.config_file ?? null }]
        : [],
    ),
  };
}
