import type { TokenSource } from "./oauth/token-source.ts";
import type { McpServerFacts } from "./server-state.ts";
import type { McpTool } from "./tool-list.ts";

/** What a server offered. */
export interface McpServerOffer {
  readonly tools: readonly McpTool[];
  readonly facts: McpServerFacts;
}

/** How a server is reached. */
export type McpTransportOptions =
  | {
      readonly kind: "stdio";
      readonly argv: readonly string[];
      /** Absolute; the spawner's own choice when null. */
      readonly cwd: string | null;
      /** What the server gets beside the spawner's short allow-list. */
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "http";
      readonly url: string;
      /** Sent with every request, the bearer token included; never shown. */
      readonly headers: Readonly<Record<string, string>>;
      /** Gives the token of a server that was signed in to; not to be used with an `Authorization` header. */
      readonly tokens?: TokenSource | undefined;
    };

/** One configured server. */
export interface McpServerOptions {
  readonly id: string;
  readonly transport: McpTransportOptions;
  readonly enabled: boolean;
  /** Whether {@link McpServers.settle} waits for it beyond the grace. */
  readonly required: boolean;
  /** Until the tools are known. Default 10 s. */
  readonly startupTimeoutMs?: number | undefined;
  /** For one call. Default 60 s. */
  readonly toolTimeoutMs?: number | undefined;
  /** Whether it may ask for answers of a model, each of which a person is asked about. Default no. */
  readonly sampling?: boolean | undefined;
  /** Names of tools that may be offered. Default all. */
  readonly enabledTools?: readonly string[] | undefined;
  /** Names of tools that may not; wins over `enabledTools`. */
  readonly disabledTools?: readonly string[] | undefined;
  /** What it offered when it last ran. Its tools are then listed at once, and only a call starts it, unless it is required. */
  readonly known?: McpServerOffer | undefined;
}

export const DEFAULT_STARTUP_TIMEOUT_MS = 10_000;
export const DEFAULT_TOOL_TIMEOUT_MS = 60_000;
