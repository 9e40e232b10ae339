export { type Gateway, type GatewayDeps, type GatewayOptions, openGateway } from "./gateway.ts";
export { LOOPBACK_HOSTS } from "./http/guard.ts";
export type { ServerLimits } from "./http/http-server.ts";
export type { FileLimits } from "./store/file-store.ts";
export type { Retention } from "./store/response-store.ts";
export type { ModelRouterConfig } from "./upstream/model-router.ts";
export { featuresOf, type Upstream, type UpstreamFeature } from "./upstream/upstream.ts";
export type { OnUsage, UsageRecord } from "./upstream/usage-record.ts";
