export { anthropicDialect } from "./dialects/anthropic.ts";
export { chatDialect } from "./dialects/chat.ts";
export { completionsDialect } from "./dialects/completions.ts";
export type { Dialect } from "./dialects/dialect.ts";
export { responsesDialect } from "./dialects/responses.ts";
export {
  type FixtureFile,
  type FixtureOptions,
  type FixtureRepository,
  fixtureRepository,
} from "./fixture-repository.ts";
export { grayPng } from "./gray-png.ts";
export { lastingFolder } from "./lasting-folder.ts";
export type { RecordedRequest, RequestView } from "./recorded-request.ts";
export { type ReferenceServer, referenceServer } from "./reference-server.ts";
export { assertAppendOnly, cacheablePrefix, prefixBreak } from "./request-prefix.ts";
export { QUIRE_BIN, type QuireRun, quireHomeIn, type RunQuireOptions, runQuire } from "./run-quire.ts";
export { parseScenario, type Scenario, type ScenarioStep } from "./scenario-file.ts";
export {
  type ScriptedServer,
  type ScriptOptions,
  scriptedResponses,
} from "./scripted-server.ts";
export {
  type Answer,
  type CutHow,
  callsTool,
  callsTools,
  type Delivery,
  type Deltas,
  delivered,
  type Fault,
  fault,
  gate,
  patches,
  type Reply,
  type ReplyPart,
  type ReplyUsage,
  reasons,
  replies,
  type Step,
  says,
  sendsItem,
  streams,
} from "./step.ts";
export { type TemporaryDirectory, temporaryDirectory } from "./temporary-directory.ts";
export { childrenOf, lookFor, openTmux, type Tmux, type TmuxOptions } from "./tmux.ts";
