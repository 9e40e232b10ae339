import type { ModelProviderConfig, QuireConfig } from "@quire/config";
import { CodedError } from "@quire/protocol";
import type { System } from "../../system.ts";
import { featureEnabled } from "../features.ts";
import { BUILTIN_PROVIDERS, builtinProvider, LOCAL_PROVIDERS, providerId } from "./builtin-providers.ts";
import { type KeptKey, openKeyStore } from "./key-store.ts";

export const OFFLINE_MODEL = "offline-repair";
const OPENAI_KEYS = ["CODEX_API_KEY", "OPENAI_API_KEY"];
/** A pinned id: a floating alias as the default would change under people. */
const DEFAULT_OPENAI_MODEL = "gpt-5.3-codex";

/** Which model a thread uses, and how it was decided. */
export type ModelChoice =
  | { kind: "offline"; why: "requested" | "nothing-configured" }
  | { kind: "endpoint"; provider: ModelProviderConfig; model: string; credential: Credential };

export type Credential =
  | { kind: "none"; hint: string }
  | { kind: "token"; token: string; source: string }
  | { kind: "command"; command: NonNullable<ModelProviderConfig["auth"]> };

/**
 * Decides from the configuration and the environment. The offline engine is chosen when it is asked for or when nothing
 * at all points to a model; whoever names a model gets that model or an error, never something else. A key that
 * `quire login` kept in `home` counts where the environment has none.
 */
export function chooseModel(
  config: QuireConfig,
  env: System["env"],
  home: string | null = null,
): ModelChoice {
  if (config.model === OFFLINE_MODEL || config.modelProvider === OFFLINE_MODEL) {
    return { kind: "offline", why: "requested" };
  }
  const id = providerId(config.modelProvider ?? "openai", config);
  const configured = config.modelProviders[id];
  const provider = configured ?? builtinProvider(id, config);
  if (provider === undefined) throw unknownProvider(id, config);
  const keptKey = () => (home === null ? null : openKeyStore(home, config.authStore).read());
  const credential = credentialFor(provider, env, keptKey);
  if (credential === null) {
    const mayRepair = featureEnabled(config, "offline_repair");
    if (config.model === null && config.modelProvider === null && mayRepair)
      return { kind: "offline", why: "nothing-configured" };
    throw missingKey(provider, config.model);
  }
  // Gateways that speak the Responses API mostly offer OpenAI's models, and Codex's users name none.
  const model = config.model ?? (provider.wireApi === "responses" ? DEFAULT_OPENAI_MODEL : null);
  if (model === null) throw missingModel(provider);
  return { kind: "endpoint", provider, model, credential };
}

/** Null when the provider needs a key and there is none. */
function credentialFor(
  provider: ModelProviderConfig,
  env: System["env"],
  keptKey: () => KeptKey | null,
): Credential | null {
  if (provider.auth) return { kind: "command", command: provider.auth };
  if (provider.bearerToken) {
    return { kind: "token", token: provider.bearerToken, source: "experimental_bearer_token in config.toml" };
  }
  const names = provider.requiresOpenaiAuth ? OPENAI_KEYS : provider.envKey ? [provider.envKey] : [];
  for (const name of names) {
    const token = env[name];
    if (token) return { kind: "token", token, source: `the environment variable ${name}` };
  }
  if (names === OPENAI_KEYS) {
    const kept = keptKey();
    if (kept !== null) return { kind: "token", token: kept.key, source: `${kept.place} (quire login)` };
  }
  if (names.length > 0) return null;
  return { kind: "none", hint: `set env_key for the provider "${provider.id}" if it wants one` };
}

function missingKey(provider: ModelProviderConfig, model: string | null): CodedError {
  const variable = provider.envKey ?? "OPENAI_API_KEY";
  const wanted =
    model === null ? `the provider "${provider.id}"` : `the model "${model}" of "${provider.id}"`;
  return new CodedError("model_unauthorized", `${wanted} needs a key, and ${variable} is not set`, {
    nextStep:
      provider.envKeyInstructions ??
      `Set ${variable}${provider.envKey === null ? ", keep a key with quire login --with-api-key," : ""} or use the built-in engine for failing tests: quire exec -m ${OFFLINE_MODEL} "…"`,
  });
}

function missingModel(provider: ModelProviderConfig): CodedError {
  const list = provider.id in LOCAL_PROVIDERS ? " quire models --local shows those that run here." : "";
  return new CodedError("config_invalid", `the provider "${provider.id}" is configured, but no model is`, {
    nextStep: `Set model = "…" in config.toml, or give one with -m.${list}`,
  });
}

function unknownProvider(id: string, config: QuireConfig): CodedError {
  const known = [...BUILTIN_PROVIDERS, OFFLINE_MODEL, ...Object.keys(config.modelProviders)].join(", ");
  return new CodedError("config_invalid", `there is no model provider "${id}"`, {
    nextStep: `Known: ${known}. Describe others under [model_providers.${id}] in config.toml.`,
  });
}

/** The wire API that a configuration's models answer to, without a key; null for the offline engine and an unknown provider. */
export function wireApiOf(config: QuireConfig): string | null {
  if (config.model === OFFLINE_MODEL || config.modelProvider === OFFLINE_MODEL) return null;
  const id = providerId(config.modelProvider ?? "openai", config);
  return (config.modelProviders[id] ?? builtinProvider(id, config))?.wireApi ?? null;
}
