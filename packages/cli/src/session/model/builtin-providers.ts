import type { ModelProviderConfig, QuireConfig } from "@quire/config";

/** Programs that serve models on this machine, at the ports that they use by themselves. */
export const LOCAL_PROVIDERS: Readonly<Record<string, { name: string; port: number; start: string }>> = {
  ollama: { name: "Ollama", port: 11_434, start: "ollama serve" },
  lmstudio: { name: "LM Studio", port: 1_234, start: "lms server start" },
  llamacpp: { name: "llama.cpp", port: 8_080, start: "llama-server --jinja -m MODEL.gguf" },
  vllm: { name: "vLLM", port: 8_000, start: "vllm serve MODEL" },
};

/** Stands for the local provider that `oss_provider` names; `--oss` asks for it. */
const OSS = "oss";
const DEFAULT_OSS = "ollama";

const OPENAI_BASE_URL = "https://api.openai.com/v1";
const ANTHROPIC_BASE_URL = "https://api.anthropic.com/v1";

export const BUILTIN_PROVIDERS: readonly string[] = ["openai", "anthropic", ...Object.keys(LOCAL_PROVIDERS)];

/** The id that a thread records for what was asked for. */
export function providerId(
  wanted: string,
  config: Pick<QuireConfig, "ossProvider" | "modelProviders">,
): string {
  if (wanted !== OSS || config.modelProviders[OSS] !== undefined) return wanted;
  return config.ossProvider ?? DEFAULT_OSS;
}

/** A provider that needs no table in config.toml; undefined when there is none of this id. */
export function builtinProvider(
  id: string,
  config: Pick<QuireConfig, "openaiBaseUrl">,
): ModelProviderConfig | undefined {
  if (id === "openai") {
    const baseUrl = config.openaiBaseUrl ?? OPENAI_BASE_URL;
    return { ...PLAIN, id, name: "OpenAI", baseUrl, wireApi: "responses", requiresOpenaiAuth: true };
  }
  if (id === "anthropic") {
    const envKey = "ANTHROPIC_API_KEY";
    return { ...PLAIN, id, name: "Anthropic", baseUrl: ANTHROPIC_BASE_URL, wireApi: "anthropic", envKey };
  }
  const local = Object.hasOwn(LOCAL_PROVIDERS, id) ? LOCAL_PROVIDERS[id] : undefined;
  if (local === undefined) return undefined;
  return { ...PLAIN, id, name: local.name, baseUrl: `http://127.0.0.1:${local.port}/v1`, wireApi: "chat" };
}

const PLAIN = {
  envKey: null,
  envKeyInstructions: null,
  bearerToken: null,
  httpHeaders: {},
  envHttpHeaders: {},
  queryParams: {},
  auth: null,
  requiresOpenaiAuth: false,
  supportsWebsockets: false,
  requestMaxRetries: null,
  streamMaxRetries: null,
  streamIdleTimeoutMs: null,
  websocketConnectTimeoutMs: null,
  modelCatalogUrl: null,
  capabilities: {},
  caCertificate: null,
} satisfies Partial<ModelProviderConfig>;
