import type { ModelRequest } from "@quire/models";
import { textMessage } from "@quire/protocol";
import { ApiError, invalidValue, refusedParameter } from "../http/api-error.ts";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import { REFUSED_SAMPLING, requireFeature, requireNeutral } from "../wire/refusals.ts";
import { samplingOf } from "../wire/sampling.ts";
import type { CompletionRequest } from "./completion-request.ts";

const CONTINUE = `You complete texts. The message is the beginning of a text. Answer with what comes next in it, and with \
nothing else: no greeting, no explanation, no quotation marks, no code fence. Do not repeat what is given. Begin exactly \
where the text ends, in the middle of a word or line if that is where it ends.`;

const FILL_IN = `You fill in the middle of texts. The message has what stands before the gap in <before> and what stands \
behind it in <after>. Answer with what belongs into the gap, and with nothing else: no explanation, no code fence, nothing \
of what is given.`;

/** Fails for every parameter that would have to be left out; what passes is honoured. */
export function refuseUnsupportedCompletion(
  request: CompletionRequest,
  { upstream, entry }: ResolvedUpstream,
): void {
  for (const [param, values, why] of REFUSED_SAMPLING) requireNeutral(request[param], param, values, why);
  const n = request.n ?? 1;
  const bestOf = request.best_of ?? n;
  if (bestOf < n) throw invalidValue("best_of", "'best_of' must not be less than 'n'.");
  if (bestOf > n) {
    requireFeature(upstream, "logprobs", "best_of");
    if (request.stream) throw refusedParameter("best_of", "'best_of' above 'n' cannot be streamed.");
  }
  if (typeof request.logprobs === "number") {
    requireFeature(upstream, "logprobs", "logprobs");
    if (request.echo)
      throw refusedParameter("logprobs", "Prompts have no 'logprobs' here; leave 'echo' out.");
  }
  const limit = request.max_tokens;
  if (typeof limit === "number" && limit > 0) {
    requireFeature(upstream, "max_output_tokens", "max_tokens");
    if (entry.context_window !== null && limit > entry.context_window) {
      throw new ApiError(400, `'max_tokens' is above the ${entry.context_window} tokens of "${entry.id}".`, {
        param: "max_tokens",
        code: "context_length_exceeded",
      });
    }
  }
}

/**
 * The call that one prompt amounts to. A provider that completes text gets the prompt as it is; every other one is asked
 * for the continuation in words, which is as near as its interface comes.
 */
export function completionModelRequest(
  request: CompletionRequest,
  prompt: string,
  given: { upstream: ResolvedUpstream; id: string },
): ModelRequest {
  const { upstream, model } = given.upstream;
  const suffix = request.suffix ?? "";
  if (upstream.features.has("bare_prompts")) return barePrompt(request, prompt, given);
  const common = { model, tools: [], parallelToolCalls: true, ...commonFields(request, given) };
  if (suffix === "") return { ...common, instructions: CONTINUE, input: [textMessage("user", prompt)] };
  const text = `<before>${prompt}</before>\n<after>${suffix}</after>`;
  return { ...common, instructions: FILL_IN, input: [textMessage("user", text)] };
}

function barePrompt(
  request: CompletionRequest,
  prompt: string,
  given: { upstream: ResolvedUpstream; id: string },
): ModelRequest {
  const { suffix } = request;
  return {
    model: given.upstream.model,
    instructions: "",
    input: [textMessage("user", prompt)],
    tools: [],
    parallelToolCalls: false,
    ...commonFields(request, given),
    ...(suffix ? { completion: { suffix } } : {}),
  };
}

/** What any wire API gets. Choices are ranked by log probabilities, also where the client does not ask for them. */
function commonFields(
  request: CompletionRequest,
  { upstream: { upstream }, id }: { upstream: ResolvedUpstream; id: string },
) {
  const sampling = samplingOf(request, upstream);
  const ranked = (request.best_of ?? 0) > (request.n ?? 1);
  const alternatives = request.logprobs ?? (ranked ? 0 : null);
  return {
    promptCacheKey: id,
    ...(request.max_tokens ? { maxOutputTokens: request.max_tokens } : {}),
    ...(sampling === null ? {} : { sampling }),
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
    ...(alternatives === null ? {} : { logprobs: { alternatives } }),
  };
}
