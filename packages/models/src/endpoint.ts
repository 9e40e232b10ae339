import type { Agent } from "node:http";
import { KNOWN_EFFORTS, type ReasoningEffort } from "@quire/protocol";

/** Where the credential of an endpoint comes from. Texts are for the user's next step, never the secret itself. */
export type EndpointAuth =
  | { kind: "none"; hint?: string }
  | {
      kind: "bearer";
      /**
       * The secret, or a function that fetches it before each attempt. `refused` is true when the endpoint did not accept
       * the one before: then a kept one must not be given again.
       */
      token: string | ((signal: AbortSignal, refused: boolean) => Promise<string>);
      /** Names the origin in error texts, for example "the environment variable OPENAI_API_KEY". */
      source: string;
    };

/** What an endpoint can do. A request is adapted to what is missing; a capability is never assumed to fail later. */
export interface Capabilities {
  /**
   * Calls of tools. Without them the wire API `chat` describes tools in words and reads calls from the text; the others
   * send tools all the same, so whoever opens a thread refuses such a model there.
   */
  tools: boolean;
  /** Tools that take plain text. Without it they are offered as functions with one string argument. */
  freeformTools: boolean;
  parallelToolCalls: boolean;
  images: boolean;
  /** Effort, summaries and encrypted reasoning items. */
  reasoning: boolean;
  /** A JSON schema for the final message. Without it the schema is left out and a note says so. */
  structuredOutput: boolean;
  verbosity: boolean;
  /** A search tool of the endpoint's own. Absent: none. */
  webSearch?: boolean;
  /** The efforts it accepts; a request for another one gets the nearest. Absent: every effort is sent as it is. */
  efforts?: readonly ReasoningEffort[];
  /** Orders of the developer in the middle of a conversation; without it they come as the user's words. */
  lateSystemMessages: boolean;
  /** A key that keeps the requests of one thread on one cache, for wire APIs where it is optional. */
  promptCacheKey: boolean;
  /** Whether calls that the model prints as text are looked for; see `providers/chat/text-tool-calls.ts`. */
  textToolCalls: boolean;
  /** The field of the Chat Completions API that bounds the answer. */
  outputLimitField: "max_tokens" | "max_completion_tokens";
  /** How a text in the middle is asked for: with the field `suffix`, or with the model's own marks in the prompt. */
  fillIn: "suffix" | "marks";
  /** Tokens of one answer that the endpoint allows at most, where it is known. */
  maxOutputTokens?: number;
}

export const FULL_CAPABILITIES: Capabilities = Object.freeze({
  tools: true,
  freeformTools: true,
  parallelToolCalls: true,
  images: true,
  reasoning: true,
  structuredOutput: true,
  verbosity: true,
  lateSystemMessages: true,
  promptCacheKey: true,
  textToolCalls: false,
  outputLimitField: "max_completion_tokens",
  fillIn: "suffix",
  webSearch: true,
});

/** Bounds of the one retry budget that a call has. */
export interface RetryLimits {
  /** Retries after a request that was refused before a stream began. */
  request: number;
  /** Retries after a stream that broke. Both kinds draw on one counter: they never multiply. */
  stream: number;
  /** Milliseconds that a call may spend waiting between its attempts, all together. */
  maxWaitMs: number;
}

export const DEFAULT_RETRY_LIMITS: RetryLimits = Object.freeze({ request: 4, stream: 5, maxWaitMs: 300_000 });

/** One model endpoint, as every provider takes it. */
export interface EndpointOptions {
  /** The provider's id, as in the configuration. */
  provider: string;
  /** Everything before the wire API's own path, for example `https://host/v1`. */
  baseUrl: string;
  auth: EndpointAuth;
  /** Added to every request; they win over our own. Their values are treated as secrets in error texts. */
  headers?: Readonly<Record<string, string>>;
  queryParams?: Readonly<Record<string, string>>;
  userAgent?: string;
  retries?: Partial<RetryLimits>;
  /** Silence after which an attempt is given up. Default 300,000. */
  idleTimeoutMs?: number;
  /** Silence after which, and after each further such time, a `stalled` event is sent. Default 10,000. */
  stallNoticeMs?: number;
  /** Time for the connection to be made, TLS included. Default 15,000. */
  connectTimeoutMs?: number;
  capabilities?: Partial<Capabilities>;
  /** What is known of a model besides; `capabilities` win over it. Asked once for each model. */
  capabilitiesOf?: (model: string) => Partial<Capabilities>;
  /** The endpoint offers its Responses API over a WebSocket too; falls back to HTTP by itself. */
  webSockets?: boolean;
  /** Time for a WebSocket to be opened. Default: that of any connection. */
  webSocketConnectTimeoutMs?: number;
  /** For proxies and own certificate authorities. The client uses it and does not close it. */
  agent?: Agent;
}

/** What a client needs of the process it lives in. */
export interface ClientDeps {
  /** Milliseconds of a monotonic clock. */
  monotonicMs: () => number;
  /** Unix time in milliseconds; only for dates in headers. */
  nowMs: () => number;
  /** Uniform in [0, 1). */
  random: () => number;
  /** Calls back once; the returned function cancels. */
  setTimer: (callback: () => void, ms: number) => () => void;
  /** Resolves after `ms` or as soon as the signal aborts. Never rejects. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Something a log should keep although the call goes on, such as an item of an unknown type. */
  note?: (text: string) => void;
}

/**
 * The accepted effort nearest to the wanted one; of two equally near the lower, which costs less. Undefined where the
 * endpoint's efforts are known and the wanted one is a word that nobody knows.
 */
export function nearestEffort(
  wanted: ReasoningEffort,
  accepted: readonly ReasoningEffort[] | undefined,
): ReasoningEffort | undefined {
  if (accepted === undefined || accepted.includes(wanted)) return wanted;
  const order: readonly string[] = KNOWN_EFFORTS;
  const rank = order.indexOf(wanted);
  if (rank === -1) return undefined;
  let best: ReasoningEffort | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [index, effort] of KNOWN_EFFORTS.entries()) {
    if (!accepted.includes(effort)) continue;
    const distance = Math.abs(index - rank);
    if (distance < bestDistance) {
      best = effort;
      bestDistance = distance;
    }
  }
  return best;
}
