import { createModelClient, type ModelClient } from "@quire/models";
import { CodedError } from "@quire/protocol";
import type { System } from "../system.ts";
import { VERSION } from "../version.ts";
import type { Credential, ModelChoice } from "./model-choice.ts";
import { hasWebSearch } from "./web-search.ts";

/**
 * Opens the client of a choice; only the code of that provider is loaded. Nothing is sent yet. `note` gets what the
 * client passed over and a person should know, such as an item of an unknown type; `learnToken` what a command printed.
 */
export async function openModelClient(
  choice: ModelChoice,
  system: System,
  note: (text: string) => void,
  learnToken: (token: string) => void,
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
  return createModelClient(
    provider.wireApi,
    {
      provider: provider.id,
      baseUrl: provider.baseUrl,
      auth: endpointAuth(choice.credential, learnToken),
      headers,
      queryParams: provider.queryParams,
      userAgent: `quire/${VERSION}`,
      ...(hasWebSearch(choice) ? {} : { capabilities: { webSearch: false } }),
      retries: {
        ...(provider.requestMaxRetries === null ? {} : { request: provider.requestMaxRetries }),
        ...(provider.streamMaxRetries === null ? {} : { stream: provider.streamMaxRetries }),
      },
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

function endpointAuth(credential: Credential, learnToken: (token: string) => void) {
  switch (credential.kind) {
    case "none":
      return { kind: "none", hint: credential.hint } as const;
    case "token":
      return { kind: "bearer", token: credential.token, source: credential.source } as const;
    case "command": {
      const { command } = credential;
      return {
        kind: "bearer",
        source: `the command ${command.command}`,
        token: async (signal: AbortSignal) => {
          const token = await (await import("./token-command.ts")).runTokenCommand(command, signal);
          learnToken(token);
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
