export type { McpAnswer, McpCallFailure, McpCallOutcome, McpContent } from "./call-outcome.ts";
export type { ConnectDeps } from "./connect.ts";
export type { AskPerson, McpElicitation, McpElicitationAnswer } from "./elicitation.ts";
export type { OAuthServer } from "./oauth/login-provider.ts";
export { type McpLogin, type McpLoginStore, readLogin } from "./oauth/login-record.ts";
export { type SignIn, type SignInDeps, startSignIn } from "./oauth/sign-in.ts";
export { type TokenDeps, type TokenSource, tokenSource } from "./oauth/token-source.ts";
export { type McpServerStatus, type McpServers, openMcpServers } from "./open-servers.ts";
export type { McpSampling, McpSamplingAnswer, Sample } from "./sampling.ts";
export type { McpCallOptions, McpProgress } from "./server-connection.ts";
export type {
  ListKind,
  McpPage,
  McpPrompt,
  McpResource,
  McpResourceContent,
  McpResourceTemplate,
} from "./server-inventory.ts";
export {
  DEFAULT_STARTUP_TIMEOUT_MS,
  DEFAULT_TOOL_TIMEOUT_MS,
  type McpServerOffer,
  type McpServerOptions,
  type McpTransportOptions,
} from "./server-options.ts";
export type { ServerProcess, SpawnOutcome, SpawnRequest, SpawnServer } from "./server-process.ts";
export type { McpServerFacts, McpServerState } from "./server-state.ts";
export { type McpTool, toolDefinition } from "./tool-list.ts";
