import { effortOf } from "./effort.ts";
import type { ModelProviderConfig, ProviderAuthConfig, ProviderCapabilities } from "./quire-config.ts";
import { copyRecord } from "./record.ts";
import type { ConfigFile } from "./schema/config-file.ts";

type ProviderTable = NonNullable<ConfigFile["model_providers"]>[string];

const AUTH_TIMEOUT_MS = 5000;
const AUTH_REFRESH_MS = 300_000;

export function normaliseProvider(table: ProviderTable, id: string): ModelProviderConfig {
  return {
    id,
    name: table.name ?? id,
    baseUrl: table.base_url ?? null,
    wireApi: table.wire_api ?? "responses",
    envKey: table.env_key ?? null,
    envKeyInstructions: table.env_key_instructions ?? null,
    bearerToken: table.experimental_bearer_token ?? null,
    httpHeaders: copyRecord(table.http_headers),
    envHttpHeaders: copyRecord(table.env_http_headers),
    queryParams: copyRecord(table.query_params),
    auth: normaliseAuth(table.auth),
    requiresOpenaiAuth: table.requires_openai_auth ?? false,
    supportsWebsockets: table.supports_websockets ?? false,
    ...(table.supports_standalone_web_search === undefined
      ? {}
      : { supportsWebSearch: table.supports_standalone_web_search }),
    requestMaxRetries: table.request_max_retries ?? null,
    streamMaxRetries: table.stream_max_retries ?? null,
    streamIdleTimeoutMs: table.stream_idle_timeout_ms ?? null,
    websocketConnectTimeoutMs: table.websocket_connect_timeout_ms ?? null,
    modelCatalogUrl: table.model_catalog_url ?? null,
    capabilities: normaliseCapabilities(table.capabilities ?? {}),
    caCertificate: table.ca_certificate ?? null,
  };
}

function normaliseCapabilities(table: NonNullable<ProviderTable["capabilities"]>): ProviderCapabilities {
  const efforts = table.efforts?.map(effortOf).filter((effort) => effort !== null);
  const all = {
    tools: table.tools,
    freeformTools: table.freeform_tools,
    parallelToolCalls: table.parallel_tool_calls,
    images: table.images,
    reasoning: table.reasoning,
    structuredOutput: table.structured_output,
    verbosity: table.verbosity,
    lateSystemMessages: table.late_system_messages,
    promptCacheKey: table.prompt_cache_key,
    textToolCalls: table.text_tool_calls,
    outputLimitField: table.output_limit_field,
    fillIn: table.fill_in,
    efforts,
    maxOutputTokens: table.max_output_tokens,
  };
  // The cast holds: every entry has the type of its key, or is left out here.
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as ProviderCapabilities;
}

function normaliseAuth(auth: ProviderTable["auth"]): ProviderAuthConfig | null {
  if (auth?.command === undefined) return null;
  return {
    command: auth.command,
    args: auth.args ?? [],
    cwd: auth.cwd ?? null,
    timeoutMs: auth.timeout_ms ?? AUTH_TIMEOUT_MS,
    refreshIntervalMs: auth.refresh_interval_ms ?? AUTH_REFRESH_MS,
  };
}

/** A rule between keys that a layer alone cannot break. */
export interface KeyConflict {
  path: string[];
  problem: string;
}

/** What is wrong with the providers once all layers are joined. */
export function providerConflicts(config: ConfigFile): KeyConflict[] {
  return Object.entries(config.model_providers ?? {}).flatMap(([id, provider]) => {
    const path = ["model_providers", id];
    const conflicts: KeyConflict[] = [];
    if (provider.auth !== undefined && provider.env_key !== undefined) {
      conflicts.push({
        path: [...path, "auth"],
        problem: "cannot stand beside env_key; remove one of the two",
      });
    }
    if (provider.auth !== undefined && provider.auth.command === undefined) {
      conflicts.push({ path: [...path, "auth", "command"], problem: "is missing" });
    }
    if (provider.base_url !== undefined && !isHttpUrl(provider.base_url)) {
      conflicts.push({ path: [...path, "base_url"], problem: "must be an http:// or https:// address" });
    }
    return conflicts;
  });
}

export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text);
}
