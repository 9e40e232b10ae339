import type { Agent } from "node:http";
import type { ModelProviderConfig } from "@quire/config";
import { type Capabilities, createModelClient, type ModelClient } from "@quire/models";
import { CodedError } from "@quire/protocol";
import type { System } from "../../system.ts";
import { VERSION } from "../../version.ts";
import { hasWebSearch } from "../network/web-search.ts";
import type { Credential, ModelChoice } from "./model-choice.ts";
import { certificateFile, proxyFor } from "./model-route.ts";

/**
 * Opens the client of a choice; only the code of that provider is loaded. Nothing is sent yet. `note` gets what the
 * client passed over and a person should know, such as an item of an unknown type; `learnToken` what a command printed.
 * `capabilitiesOf` says what is known of a model; what the configuration says of the provider wins over them.
 */
export async function openModelClient(
  choice: ModelChoice,
  system: System,
  note: (text: string) => void,
  learnToken: (token: string) => void,
  capabilitiesOf: (model: string) => Partial<Capabilities> = () => ({}),
): Promise<ModelClient> {
  if (choice.kind === "offline") {
    const { createOfflineRepairClient } = await import("@quire/offline-repair");
    return createOfflineRepairClient();
  }
  const { provider } = choice;
  if (provider.baseUrl === null) {
    throw new CodedError("config_invalid", `the provider "${provider.id}" has no base_url`, {
      nextStep: `Set base_url under [model_providers.${provider.id}] in config.toml.`,
    });
  }
  const { CODEX_INTERNAL_ORIGINATOR_OVERRIDE: originator } = system.env;
  const headers: Record<string, string> = {
    // Codex's SDK names itself so; a header that the user configured wins.
    ...(originator ? { originator } : {}),
    ...provider.httpHeaders,
  };
  for (const [name, variable] of Object.entries(provider.envHttpHeaders)) {
    const value = system.env[variable];
    if (value) headers[name] = value;
  }
  const agent = await agentFor(provider, system);
  return createModelClient(
    provider.wireApi,
    {
      provider: provider.id,
      baseUrl: provider.baseUrl,
      auth: endpointAuth(choice.credential, learnToken, system.monotonicMs),
      headers,
      queryParams: provider.queryParams,
      userAgent: `quire/${VERSION}`,
      retries: {
        ...(provider.requestMaxRetries === null ? {} : { request: provider.requestMaxRetries }),
        ...(provider.streamMaxRetries === null ? {} : { stream: provider.streamMaxRetries }),
      },
      capabilities: { ...(hasWebSearch(choice) ? {} : { webSearch: false }), ...provider.capabilities },
      capabilitiesOf,
      ...(provider.supportsWebsockets ? { webSockets: true } : {}),
      ...(provider.websocketConnectTimeoutMs === null
        ? {}
        : { webSocketConnectTimeoutMs: provider.websocketConnectTimeoutMs }),
      ...(agent === null ? {} : { agent }),
      ...(provider.streamIdleTimeoutMs === null ? {} : { idleTimeoutMs: provider.streamIdleTimeoutMs }),
    },
    {
      monotonicMs: system.monotonicMs,
      nowMs: system.now,
      random: system.random,
      setTimer: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      sleep: (ms, signal) => sleepUnlessAborted(ms, signal),
      note,
    },
  );
}

/** Proxies and own authorities are rare; what serves them is loaded only where there are some. */
async function agentFor(provider: ModelProviderConfig, system: System): Promise<Agent | null> {
  const file = certificateFile(provider, system.env);
  const proxy = proxyFor(provider.baseUrl ?? "", system.env);
  if (file === null && proxy === null) return null;
  return (await import("./model-agent.ts")).openModelAgent({ file, proxy, secure: isSecure(provider) });
}

function isSecure(provider: ModelProviderConfig): boolean {
  return (provider.baseUrl ?? "").startsWith("https:");
}

function endpointAuth(
  credential: Credential,
  learnToken: (token: string) => void,
  monotonicMs: () => number,
) {
  switch (credential.kind) {
    case "none":
      return { kind: "none", hint: credential.hint } as const;
    case "token":
      return { kind: "bearer", token: credential.token, source: credential.source } as const;
    case "command": {
      const { command } = credential;
      let kept: { token: string; atMs: number } | null = null;
      return {
        kind: "bearer",
        source: `the command ${command.command}`,
        token: async (signal: AbortSignal, refused: boolean) => {
          const age = kept === null ? Number.POSITIVE_INFINITY : monotonicMs() - kept.atMs;
          const fresh = command.refreshIntervalMs === 0 || age < command.refreshIntervalMs;
          if (kept !== null && fresh && !refused) return kept.token;
          const token = await (await import("./token-command.ts")).runTokenCommand(command, signal);
          learnToken(token);
          kept = { token, atMs: monotonicMs() };
          return token;
        },
      } as const;
    }
  }
}

function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
