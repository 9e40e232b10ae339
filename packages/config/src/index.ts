export { type CheckedTable, checkTable, type KeyFinding } from "./check-table.ts";
export { type ConfigFs, type FileFacts, realFs } from "./config-fs.ts";
export { DEFAULT_PROJECT_DOC_MAX_BYTES } from "./defaults.ts";
export { claimFile, type FileClaim, type RivalClaim } from "./file-claim.ts";
export { type Env, resolveHome } from "./home.ts";
export { formatKeyPath, parseKeyPath } from "./key-path.ts";
export type { ConfigOrigin, LayerKind, LayerReport, LayerStatus } from "./layer.ts";
export {
  configOrigin,
  type LoadConfigInput,
  type LoadConfigResult,
  type LoadedConfig,
  loadConfig,
  SYSTEM_CONFIG_FILE,
} from "./load-config.ts";
export { normaliseMcpServer } from "./mcp-server-config.ts";
export type { FileAccess, FileEntry, FilePlace } from "./permission-files.ts";
export type { FilePermissionsConfig } from "./permission-profile.ts";
export { isProcessAlive, type ProcessIdentity, processStartTime } from "./process-identity.ts";
export type { ProjectFacts } from "./project-layers.ts";
export { DEFAULT_ROOT_MARKERS, directoriesBetween, findProjectRoot } from "./project-root.ts";
export type {
  AgentsConfig,
  BudgetConfig,
  ConfiguredAgentRole,
  McpServerConfig,
  McpTransportConfig,
  ModelProviderConfig,
  NetworkConfig,
  NetworkCredentialConfig,
  ProviderAuthConfig,
  QuireConfig,
  ShellEnvironmentConfig,
  SpanBudget,
  WebSearchService,
  WorkspaceWriteConfig,
} from "./quire-config.ts";
export type { ConfigFile } from "./schema/config-file.ts";
export { persistTrust, setConfigValue } from "./set-config-value.ts";
export {
  type FolderManifest,
  findSkillFolders,
  folderManifest,
  PROJECT_SKILL_FOLDERS,
} from "./skill-folders.ts";
export { parseToml, type TomlResult } from "./toml.ts";
export { lineOfKey } from "./toml-scan.ts";
export type { TomlValue } from "./toml-value.ts";
export type { TrustLevel } from "./trust.ts";
export {
  agentFilesIn,
  type ContentTrust,
  describeChange,
  isTrustedContent,
  PROJECT_FOLDERS,
  recordKey,
} from "./trusted-content.ts";
export type { ConfigWarning, ConfigWarningCode } from "./warning.ts";
export { rewriteFile } from "./write-file-atomically.ts";
