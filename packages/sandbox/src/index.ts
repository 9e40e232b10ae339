export { type Cell, type CellOutcome, startCell } from "./cell/cell.ts";
export type { CellSpec, PlacedPath } from "./cell/cell-spec.ts";
export type {
  CommandExit,
  CommandSpec,
  Denial,
  OutputListener,
  OutputStream,
  RunningCommand,
  SandboxNotice,
  SandboxUnavailable,
  StartFailureCode,
  StartOutcome,
} from "./command.ts";
export { createSandbox } from "./create-sandbox.ts";
export type { SandboxDeps } from "./deps.ts";
export { commandEnvironment } from "./environment.ts";
export { type AuditLog, type AuditLogOptions, createAuditLog } from "./network-proxy/audit-log.ts";
export type {
  AskAboutHost,
  HostAnswer,
  HostQuestion,
  OnDecision,
  ProxyDecision,
  ProxyMethod,
  Resolve,
} from "./network-proxy/gate.ts";
export type { ProxyLimits } from "./network-proxy/limits.ts";
export type { NetworkHooks } from "./network-proxy/proxied-network.ts";
export { compileRules, type HostCredential, type ProxyRules } from "./network-proxy/rules.ts";
export {
  DEFAULT_LIMITS,
  DEFAULT_PROTECTED_NAMES,
  type EnvironmentPolicy,
  type FileRules,
  type ResourceLimits,
  type SandboxMode,
  type SandboxPolicy,
} from "./policy.ts";
export { probeSandbox, type SandboxProbe } from "./probe-sandbox.ts";
export { createReadGuard, createWriteGuard } from "./protect/read-guard.ts";
export { liesInProtected } from "./protect/writable-roots.ts";
export {
  runSandboxCommand,
  type SandboxCommandRequest,
  type SandboxCommandResult,
} from "./run-sandbox-command.ts";
export type { Sandbox, SandboxStatus } from "./sandbox.ts";
export { singleProcessFilter } from "./seccomp/single-process-filter.ts";
