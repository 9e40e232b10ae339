import type { ModelClient } from "@quire/models";

/**
 * What a provider can be asked for beyond text and plain functions. Whatever it does not take is refused with a 400 that
 * names the parameter: `max_output_tokens`; `sampling` (temperature, top_p); `seed`; `logprobs`; `tool_choice` other than
 * auto and none; `strict_tools`; `grammars` for custom tools; `reasoning` effort and summaries; `verbosity`;
 * `output_schema`, JSON objects included; `images`.
 * `bare_prompts` is for the wire that completes text and knows nothing else.
 */
export type UpstreamFeature =
  | "max_output_tokens"
  | "sampling"
  | "seed"
  | "logprobs"
  | "tool_choice"
  | "strict_tools"
  | "grammars"
  | "reasoning"
  | "verbosity"
  | "output_schema"
  | "images"
  | "bare_prompts";

/** A configured provider, as the gateway uses it. */
export interface Upstream {
  /** The provider's id, as in the configuration. */
  id: string;
  features: ReadonlySet<UpstreamFeature>;
  /** Opens the client on first use; the gateway closes it. */
  open(): Promise<ModelClient>;
}

const RESPONSES: readonly UpstreamFeature[] = [
  "max_output_tokens",
  "sampling",
  "logprobs",
  "tool_choice",
  "strict_tools",
  "grammars",
  "reasoning",
  "verbosity",
  "output_schema",
  "images",
];

/**
 * By the `wire_api` of the configuration. The offline engine is a program: it can follow simple schemas, and any seed
 * gives the same answer twice.
 */
const FEATURES: ReadonlyMap<string, readonly UpstreamFeature[]> = new Map([
  ["responses", RESPONSES],
  [
    "chat",
    [
      "max_output_tokens",
      "sampling",
      "seed",
      "logprobs",
      "tool_choice",
      "strict_tools",
      "reasoning",
      "verbosity",
      "output_schema",
      "images",
    ],
  ],
  [
    "anthropic",
    ["max_output_tokens", "sampling", "tool_choice", "strict_tools", "reasoning", "output_schema", "images"],
  ],
  ["completions", ["max_output_tokens", "sampling", "seed", "logprobs", "bare_prompts"]],
  ["offline-repair", ["output_schema", "seed"]],
]);

/** The features of a wire API; a wire API that nobody described gets the cautious least. */
export function featuresOf(wireApi: string): ReadonlySet<UpstreamFeature> {
  return new Set(FEATURES.get(wireApi) ?? ["max_output_tokens"]);
}
