import type { ErrorInfo, RateLimit, ReasoningEffort, ResponseItem, TokenUsage } from "@quire/protocol";

/** A tool as the model is told of it. `freeform` tools take plain text; providers without them send a function. */
export type ToolSpec =
  | {
      kind: "function";
      name: string;
      description: string;
      parameters: JsonSchema;
      /** The endpoint must hold the arguments to the schema. Default false; not every wire API can promise it. */
      strict?: boolean;
    }
  | {
      kind: "freeform";
      name: string;
      description: string;
      format: { type: "grammar"; syntax: "lark" | "regex"; definition: string };
      /** The function form for endpoints without freeform tools: one string argument of this name. */
      functionArgument: string;
    };

/** The endpoint's own search. What it finds comes back inside the response; nothing of it runs here. */
export interface HostedWebSearch {
  /** `cached`: from an index, no page is fetched. `indexed`: fetches what an index knows. `live`: the whole web. */
  access: "cached" | "indexed" | "live";
  /** Empty: no limit. */
  allowedDomains: readonly string[];
  contextSize: string | null;
  /** Where the user is, roughly, in the words of the Responses API. */
  location: Readonly<Record<string, unknown>> | null;
}

export type JsonSchema = { readonly [key: string]: unknown };

/**
 * One call to a model. Field order and contents decide the bytes on the wire: a caller that only appends to `input`
 * gets requests of which each begins with the bytes of the one before.
 */
export interface ModelRequest {
  model: string;
  instructions: string;
  input: readonly ResponseItem[];
  tools: readonly ToolSpec[];
  /** Left out where the endpoint has no search of its own. */
  webSearch?: HostedWebSearch;
  parallelToolCalls: boolean;
  effort?: ReasoningEffort;
  /** "auto" asks for summaries of the reasoning. */
  reasoningSummary?: "auto" | "concise" | "detailed" | "none";
  verbosity?: "low" | "medium" | "high";
  /** A strict JSON schema that the final message must follow. */
  outputSchema?: JsonSchema;
  /** The final message must be a JSON object of any shape; ignored beside a schema. Not every wire API can promise it. */
  jsonObject?: boolean;
  /** Keeps requests of one thread on one cache. */
  promptCacheKey: string;
  maxOutputTokens?: number;
  /** Default `auto`. Not every wire API has it: whoever sets it asks first whether the provider takes it. */
  toolChoice?: ToolChoice;
  /** As the endpoint understands them; many reasoning models refuse them. `seed` is for `chat` and `completions`. */
  sampling?: { temperature?: number; topP?: number; seed?: number };
  /**
   * Texts at which the model stops; they are not part of the answer. Only `anthropic` and `completions` send them on:
   * elsewhere models differ in whether they take them, so the caller cuts.
   */
  stop?: readonly string[];
  /** Log probabilities of the answer's tokens, and of up to so many alternatives for each. Anthropic has none. */
  logprobs?: { alternatives: number };
  /** Only for the wire API `completions`; the others pass it over. */
  completion?: CompletionOptions;
}

/** What the Completions API knows besides a prompt. */
export interface CompletionOptions {
  /** What stands behind the place that is to be filled in. */
  suffix?: string;
}

/** A token and the natural logarithm of its probability. `bytes` are its UTF-8, where the endpoint tells them. */
export interface TokenChance {
  token: string;
  logprob: number;
  bytes: readonly number[] | null;
}

/** A token of an answer, with what else could have stood there. */
export interface TokenLogprob extends TokenChance {
  alternatives: readonly TokenChance[];
}

/** Whether the model may, must not or must call a tool, or which one. */
export type ToolChoice = "auto" | "none" | "required" | { tool: string };

/** What a finished call cost in tokens, and the endpoint's name for it. */
export interface ModelCompletion {
  responseId: string | null;
  usage: TokenUsage | null;
  /** The model that answered, when the endpoint names it. */
  model: string | null;
  /** The answer was cut at the output limit, over a wire API where that is how answers usually end. */
  reachedLimit?: boolean;
  /** What the endpoint's headers say of its limits; absent when they say nothing. */
  rateLimits?: readonly RateLimit[];
}

/**
 * A call as a stream. The last event is `completed` or `failed`, always exactly one of them; nothing is thrown, a
 * cancelled call ends with `failed` and the code `interrupted`. `retrying` makes everything since the start of the call
 * void: the text and items come again.
 */
export type ModelEvent =
  /** Log probabilities come with the text that they are of, or with the next one. */
  | { type: "text_delta"; itemId: string; delta: string; logprobs?: readonly TokenLogprob[] }
  | { type: "reasoning_delta"; itemId: string; summaryIndex: number; delta: string }
  | { type: "tool_input_delta"; itemId: string; delta: string }
  | { type: "item_started"; itemId: string; item: ResponseItem }
  | { type: "item_done"; item: ResponseItem }
  | { type: "retrying"; attempt: number; maxAttempts: number; delayMs: number; error: ErrorInfo }
  | { type: "stalled"; idleMs: number }
  | { type: "completed"; completion: ModelCompletion }
  | { type: "failed"; error: ErrorInfo; usage: TokenUsage | null };

/** One endpoint. Safe to share between threads; holds connections open until `close()`. */
export interface ModelClient {
  /** The provider's id, as in the configuration. */
  readonly provider: string;
  stream(request: ModelRequest, options: { signal: AbortSignal }): AsyncIterable<ModelEvent>;
  close(): void;
}
