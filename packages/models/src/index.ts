export {
  type Catalogue,
  contextWindowOf,
  createCatalogue,
  endpointMismatch,
  type ModelLookup,
  type ResolvedModel,
} from "./catalogue/catalogue.ts";
export { costOf, priceInUse } from "./catalogue/cost.ts";
export { modelCapabilities } from "./catalogue/model-capabilities.ts";
export {
  ASSUMED_CONTEXT_WINDOW,
  type Modality,
  type ModelEndpoint,
  type ModelEntry,
  type ModelStatus,
  type PriceReading,
  unknownModel,
} from "./catalogue/model-entry.ts";
export {
  BENCHMARK_CAVEAT,
  PUBLISHED_BENCHMARKS,
  PUBLISHED_SOURCES,
  PUBLISHED_TASK_COSTS,
  type PublishedBenchmark,
} from "./catalogue/published-benchmarks.ts";
export { CATALOGUE_SOURCES, PUBLISHED_MODELS } from "./catalogue/published-models.ts";
export { mergeUserCatalogue } from "./catalogue/user-catalogue.ts";
export {
  type Capabilities,
  type ClientDeps,
  DEFAULT_RETRY_LIMITS,
  type EndpointAuth,
  type EndpointOptions,
  FULL_CAPABILITIES,
  type RetryLimits,
} from "./endpoint.ts";
export type {
  CompletionOptions,
  HostedWebSearch,
  JsonSchema,
  ModelClient,
  ModelCompletion,
  ModelEvent,
  ModelRequest,
  TokenChance,
  TokenLogprob,
  ToolChoice,
  ToolSpec,
} from "./model-client.ts";
export { createModelClient, wireApiNames } from "./providers/registry.ts";
export { createRequestWriter, type RequestWriter } from "./providers/responses/request-body.ts";
