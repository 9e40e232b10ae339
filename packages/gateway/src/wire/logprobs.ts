import type { TokenChance, TokenLogprob } from "@quire/models";
import type { ErrorInfo } from "@quire/protocol";
import type { ResolvedUpstream } from "../upstream/model-router.ts";

/** As chat completions and responses list them. */
export function wireLogprobs(tokens: readonly TokenLogprob[]): object[] {
  return tokens.map((token) => ({
    ...wireChance(token),
    top_logprobs: token.alternatives.map(wireChance),
  }));
}

function wireChance({ token, logprob, bytes }: TokenChance): object {
  return { token, logprob, bytes: bytes ?? [...Buffer.from(token)] };
}

/** A provider that was asked for log probabilities and gave none. Answering without them would be leaving them out. */
export function noLogprobs({ upstream, model }: ResolvedUpstream): ErrorInfo {
  return {
    code: "model_bad_request",
    message: `The provider "${upstream.id}" gave no log probabilities for "${model}".`,
    retryable: false,
    next_step: "Leave 'logprobs' and 'best_of' out, or use a model whose provider gives them.",
  };
}
