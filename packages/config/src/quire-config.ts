import type { ApprovalPolicy, ReasoningEffort, SandboxMode } from "@quire/protocol";
import type { FilePermissionsConfig } from "./permission-profile.ts";

/** The effective configuration. Null means that nobody set it and that there is no general default. Paths are absolute. */
export interface QuireConfig {
  /** Model id or alias; null leaves the choice to the program. */
  model: string | null;
  /** Id of a built-in or configured provider. */
  modelProvider: string | null;
  /** Configured providers by id; the built-in ones are not among them. */
  modelProviders: Readonly<Record<string, ModelProviderConfig>>;
  /** Replaces the base URL of the built-in `openai` provider. */
  openaiBaseUrl: string | null;
  ossProvider: string | null;
  reviewModel: string | null;
  modelReasoningEffort: ReasoningEffort | null;
  /** `model_reasoning_effort = "auto"`: rules decide for each turn. */
  effortByRules: boolean;
  planModeReasoningEffort: ReasoningEffort | null;
  modelReasoningSummary: "auto" | "concise" | "detailed" | "none" | null;
  modelSupportsReasoningSummaries: boolean | null;
  modelVerbosity: "low" | "medium" | "high" | null;
  /** Tokens. */
  modelContextWindow: number | null;
  /** Tokens. */
  modelMaxOutputTokens: number | null;
  /** Tokens; compaction runs when the context is larger. */
  autoCompactTokenLimit: number | null;
  compactPrompt: string | null;
  /** Who sums up what a compaction leaves out. */
  compactor: "model" | "extract";
  modelCatalogFile: string | null;
  serviceTier: string | null;
  personality: "none" | "friendly" | "pragmatic" | null;
  disableResponseStorage: boolean;
  /** Tokens that one tool output may take in the context. */
  toolOutputTokenLimit: number | null;
  /** Replaces the built-in instructions. */
  instructions: string | null;
  /** Replaces the built-in instructions by the contents of a file; wins over `instructions`. */
  modelInstructionsFile: string | null;
  /** Added as a developer message. */
  developerInstructions: string | null;
  includePermissionsInstructions: boolean;
  includeEnvironmentContext: boolean;

  budget: BudgetConfig;
  approvalPolicy: ApprovalPolicy;
  sandboxMode: SandboxMode;
  /** Whether somebody set the mode, or a permission profile stands for it. */
  sandboxModeIsChosen: boolean;
  /** What the chosen permission profile says of files; null where it says nothing, or there is none. */
  filePermissions: FilePermissionsConfig | null;
  workspaceWrite: WorkspaceWriteConfig;
  network: NetworkConfig;
  shellEnvironment: ShellEnvironmentConfig;
  allowLoginShell: boolean;

  webSearch: "disabled" | "cached" | "indexed" | "live";
  /** How the endpoint's search works, where it is on. */
  webSearchOptions: WebSearchOptions;
  /** The search service for models whose endpoint has none. */
  webSearchService: WebSearchService | null;
  updatePlanTool: boolean;
  /** The tool with which the model asks the user. */
  userInputTool: boolean;
  /** Tokens that a goal may use at most; null: as many as it takes. */
  maxGoalTokens: number | null;
  memories: MemoriesConfig;
  viewImageTool: boolean;
  /** Milliseconds. */
  backgroundTerminalMaxTimeoutMs: number;
  mcpServers: Readonly<Record<string, McpServerConfig>>;
  /** How long the first request waits for servers that are not required. Milliseconds. */
  mcpStartupGraceMs: number;
  /** Where the browser comes back to after signing in to a server; null for any free port. */
  mcpOauthCallbackPort: number | null;
  /** Where tokens of servers are kept. */
  mcpOauthStore: "auto" | "file" | "keyring";
  /** Asked about edits before those that are found on PATH. */
  languageServers: readonly LanguageServerConfig[];
  agents: AgentsConfig;
  /** Switches by name; a feature with options counts as on unless it says `enabled = false`. */
  features: Readonly<Record<string, boolean>>;

  /** Bytes that the project documents may take together. */
  projectDocMaxBytes: number;
  projectDocFallbackFilenames: readonly string[];
  /** Whether checkable statements of them bind. */
  projectDocRules: "enforce" | "off";
  projectRootMarkers: readonly string[];

  history: { persistence: "save-all" | "none"; maxBytes: number | null };
  hideAgentReasoning: boolean;
  showRawAgentReasoning: boolean;
  fileOpener: "vscode" | "vscode-insiders" | "windsurf" | "cursor" | "none";
  /** Program and arguments to run after a turn. */
  notify: readonly string[] | null;
  /** Where `login` keeps keys. */
  authStore: "file" | "keyring" | "auto" | "ephemeral";
  logDir: string | null;
  /** The `[tui]` table in the words of the file. */
  tui: Readonly<Record<string, unknown>>;
}

export interface LanguageServerConfig {
  name: string;
  command: string;
  args: readonly string[];
  /** Without the dot, in lower case. */
  extensions: readonly string[];
}

export interface MemoriesConfig {
  /** Whether threads are shown them. */
  use: boolean;
  /** Whether they are made of threads. */
  generate: boolean;
  /** None are made of threads that called MCP servers or searched the web. */
  disableOnExternalContext: boolean;
  /** What was not shown for so long is deleted. */
  maxUnusedDays: number;
  /** Older threads are not looked at. */
  maxAgeDays: number;
  /** Threads that are looked at when another begins. */
  maxThreads: number;
  idleHours: number;
  /** The model that proposes them; null for the configured one. */
  extractModel: string | null;
  /** The model that names those which others make needless; null: only when it is asked for. */
  consolidationModel: string | null;
}

export interface WebSearchOptions {
  /** Empty: no limit. */
  allowedDomains: readonly string[];
  contextSize: string | null;
  location: Readonly<Record<string, unknown>> | null;
}

/** A search service that answers with JSON; what is null is as SearXNG has it. */
export interface WebSearchService {
  endpoint: string;
  queryParameter: string | null;
  parameters: Readonly<Record<string, string>> | null;
  /** The header that carries the key, and the variable that holds it. */
  key: { header: string; prefix: string; env: string } | null;
  /** Paths with dots. */
  fields: { results: string | null; title: string | null; url: string | null; snippet: string | null };
  maxResults: number;
}

/** The most that may be used up in a span; null does not limit. */
export interface SpanBudget {
  maxCostUsd: number | null;
  /** In and out together. */
  maxTokens: number | null;
}

export interface BudgetConfig {
  turn: SpanBudget & { maxCalls: number | null };
  thread: SpanBudget;
  day: SpanBudget;
  month: SpanBudget;
  /** Everything that the ledger of the home holds. */
  user: SpanBudget;
  retriesPerTurn: number | null;
  /** A unit that money is also shown in. */
  credits: { name: string; perUsd: number } | null;
}

export interface ModelProviderConfig {
  id: string;
  /** What to show; the id when nothing was given. */
  name: string;
  baseUrl: string | null;
  wireApi: "responses" | "chat" | "anthropic" | "completions";
  /** Name of the environment variable that holds the key. */
  envKey: string | null;
  envKeyInstructions: string | null;
  /** A secret. */
  bearerToken: string | null;
  /** May hold secrets. */
  httpHeaders: Readonly<Record<string, string>>;
  /** Header name to environment variable name. */
  envHttpHeaders: Readonly<Record<string, string>>;
  queryParams: Readonly<Record<string, string>>;
  auth: ProviderAuthConfig | null;
  requiresOpenaiAuth: boolean;
  supportsWebsockets: boolean;
  /** Whether the endpoint has a search of its own; absent: as its wire API usually does. */
  supportsWebSearch?: boolean;
  requestMaxRetries: number | null;
  streamMaxRetries: number | null;
  streamIdleTimeoutMs: number | null;
  websocketConnectTimeoutMs: number | null;
  modelCatalogUrl: string | null;
  /** What was said about the endpoint; what was not said is absent. */
  capabilities: ProviderCapabilities;
  /** A PEM file of further certificate authorities. */
  caCertificate: string | null;
}

/** See `Capabilities` of the models package, whose names these are. */
export interface ProviderCapabilities {
  tools?: boolean;
  freeformTools?: boolean;
  parallelToolCalls?: boolean;
  images?: boolean;
  reasoning?: boolean;
  structuredOutput?: boolean;
  verbosity?: boolean;
  lateSystemMessages?: boolean;
  promptCacheKey?: boolean;
  textToolCalls?: boolean;
  outputLimitField?: "max_tokens" | "max_completion_tokens";
  fillIn?: "suffix" | "marks";
  efforts?: readonly ReasoningEffort[];
  maxOutputTokens?: number;
}

/** A program that prints a token. */
export interface ProviderAuthConfig {
  command: string;
  args: readonly string[];
  cwd: string | null;
  timeoutMs: number;
  /** Zero means that only a refusal by the endpoint refreshes the token. */
  refreshIntervalMs: number;
}

export interface WorkspaceWriteConfig {
  writableRoots: readonly string[];
  networkAccess: boolean;
  excludeTmpdirEnvVar: boolean;
  excludeSlashTmp: boolean;
}

/** Which hosts commands reach in the mode workspace-write, if `enabled`. Patterns are those of the network proxy. */
export interface NetworkConfig {
  enabled: boolean;
  allow: readonly string[];
  /** Wins over `allow`. */
  deny: readonly string[];
  /** Whether a person is asked about hosts that no rule names. */
  askAboutOthers: boolean;
  /** By host. */
  credentials: Readonly<Record<string, NetworkCredentialConfig>>;
}

/** A header that the proxy adds on requests to a host. The value itself is never part of the configuration. */
export interface NetworkCredentialConfig {
  host: string;
  header: string;
  /** What goes before the value. */
  prefix: string;
  port: number;
  source: { kind: "env"; name: string } | { kind: "command"; command: readonly string[] };
}

/** Which environment variables a command sees. */
export interface ShellEnvironmentConfig {
  inherit: "all" | "core" | "none";
  ignoreDefaultExcludes: boolean;
  exclude: readonly string[];
  /** Null lets everything through that is not excluded. */
  includeOnly: readonly string[] | null;
  set: Readonly<Record<string, string>>;
  useProfile: boolean;
}

export type McpTransportConfig =
  | {
      kind: "stdio";
      command: string;
      args: readonly string[];
      env: Readonly<Record<string, string>>;
      /** Names of variables that the server inherits beside the usual few. */
      envVars: readonly string[];
      cwd: string | null;
      /** Whether it runs in the sandbox of the session's commands. */
      sandbox: boolean;
      /** Whether it may use the network there; null leaves it to the sandbox mode. */
      networkAccess: boolean | null;
    }
  | {
      kind: "http";
      url: string;
      bearerTokenEnvVar: string | null;
      /** What signing in asks for; null leaves it to the server. */
      scopes: readonly string[] | null;
      /** The resource that tokens are asked for; null for the one the server names. */
      oauthResource: string | null;
      /** Of a client that is registered with the authorization server already; null to register when it is needed. */
      oauthClientId: string | null;
      httpHeaders: Readonly<Record<string, string>>;
      envHttpHeaders: Readonly<Record<string, string>>;
    };

export interface McpServerConfig {
  id: string;
  transport: McpTransportConfig;
  enabled: boolean;
  /** Whether a turn must not start without it. */
  required: boolean;
  startupTimeoutMs: number | null;
  toolTimeoutMs: number | null;
  /** Null offers every tool of the server. */
  enabledTools: readonly string[] | null;
  disabledTools: readonly string[];
  /** Tokens that its tools may take of every request before they wait behind the search; null for the default. */
  toolTokenBudget: number | null;
  /** Whether it is started only by a call, where what it offers is known from an earlier run. */
  lazyStart: boolean;
  /** What becomes of its wishes for answers of the user's model. */
  sampling: "refuse" | "ask";
  /** Whether calls may run beside each other. */
  parallelToolCalls: boolean;
  /** Whether the user is asked before a tool of the server is used; `auto` leaves it to the approval policy. */
  defaultApproval: McpApprovalMode;
  /** The same for single tools, by name. */
  toolApproval: Readonly<Record<string, McpApprovalMode>>;
}

export type McpApprovalMode = "auto" | "prompt" | "approve";

export interface AgentsConfig {
  enabled: boolean | null;
  maxThreads: number | null;
  maxDepth: number;
  defaultModel: string | null;
  defaultReasoningEffort: ReasoningEffort | null;
  /** How long one task of an agent may take. */
  maxRuntimeSeconds: number | null;
  roles: readonly ConfiguredAgentRole[];
}

/** `[agents.NAME]`. What the role is like stands in its file. */
export interface ConfiguredAgentRole {
  name: string;
  description: string | null;
  /** Absolute. */
  file: string | null;
}
