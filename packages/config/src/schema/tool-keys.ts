import * as z from "zod/mini";
import { any, anyTable, count, flag, number, oneOf, positive, text, textList, textMap } from "./values.ts";

const toolApproval = oneOf(["auto", "prompt", "approve"]);

const mcpServer = z.object({
  name: text,
  command: text,
  args: textList,
  env: textMap,
  env_vars: z.optional(
    z.array(z.union([z.string(), z.object({ name: z.string(), source: z.optional(z.string()) })])),
  ),
  cwd: text,
  sandbox: flag,
  network_access: flag,
  environment_id: text,
  url: text,
  bearer_token_env_var: text,
  http_headers: textMap,
  env_http_headers: textMap,
  startup_timeout_sec: number,
  startup_timeout_ms: count,
  tool_timeout_sec: number,
  enabled: flag,
  required: flag,
  enabled_tools: textList,
  disabled_tools: textList,
  tool_token_budget: count,
  lazy_start: flag,
  tools: z.optional(z.record(z.string(), z.object({ approval_mode: toolApproval }))),
  default_tools_approval_mode: toolApproval,
  supports_parallel_tool_calls: flag,
  sampling: oneOf(["refuse", "ask"]),
  scopes: textList,
  oauth: z.optional(z.looseObject({ client_id: text })),
  oauth_resource: text,
});

const webSearchOptions = z.object({
  allowed_domains: textList,
  context_size: text,
  location: anyTable,
  endpoint: text,
  query_parameter: text,
  parameters: textMap,
  header: text,
  prefix: text,
  env: text,
  results: text,
  title: text,
  url: text,
  snippet: text,
  max_results: positive,
});

const languageServer = z.object({
  command: z.string().check(z.minLength(1)),
  args: textList,
  extensions: z.array(z.string()),
});

const agentRole = z.object({
  description: text,
  config_file: text,
  nickname_candidates: textList,
});

const agents = z.catchall(
  z.object({
    enabled: flag,
    max_concurrent_threads_per_session: positive,
    max_threads: positive,
    max_depth: positive,
    default_subagent_model: text,
    default_subagent_reasoning_effort: text,
    job_max_runtime_seconds: positive,
    interrupt_message: flag,
  }),
  agentRole,
);

/** Tools, the servers that bring more of them, agents, skills and hooks. */
export const toolKeys = {
  web_search: oneOf(["disabled", "cached", "indexed", "live"]),
  tools: z.optional(
    z.object({
      web_search: z.optional(z.union([z.boolean(), webSearchOptions])),
      view_image: flag,
      update_plan: z.optional(z.object({ enabled: flag })),
      experimental_request_user_input: z.optional(z.union([z.boolean(), z.looseObject({ enabled: flag })])),
      client_search_provider: any,
    }),
  ),
  tool_suggest: anyTable,
  background_terminal_max_timeout: count,
  mcp_servers: z.optional(z.record(z.string(), mcpServer)),
  language_servers: z.optional(z.record(z.string(), languageServer)),
  mcp_oauth_callback_port: count,
  mcp_oauth_callback_url: text,
  mcp_oauth_credentials_store: oneOf(["file", "keyring", "auto"]),
  mcp_optional_startup_grace_ms: count,
  agents: z.optional(agents),
  skills: anyTable,
  hooks: anyTable,
  marketplaces: anyTable,
  plugins: anyTable,
  apps: anyTable,
  apps_mcp_product_sku: text,
  features: z.optional(z.record(z.string(), z.union([z.boolean(), z.record(z.string(), z.unknown())]))),
  suppress_unstable_features_warning: flag,
  experimental_use_unified_exec_tool: flag,
  project_doc_max_bytes: count,
  project_doc_fallback_filenames: textList,
  project_doc_rules: oneOf(["enforce", "off"]),
  project_root_markers: textList,
  memories: z.optional(
    z.object({
      use_memories: flag,
      generate_memories: flag,
      disable_on_external_context: flag,
      max_unused_days: count,
      max_rollout_age_days: count,
      max_rollouts_per_startup: count,
      min_rollout_idle_hours: count,
      extract_model: text,
      consolidation_model: text,
    }),
  ),
  goals: z.optional(z.object({ max_goal_token_budget: positive })),
};
