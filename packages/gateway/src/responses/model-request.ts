import type { ModelRequest, ToolChoice, ToolSpec } from "@quire/models";
import type { ResponseItem } from "@quire/protocol";
import { refusedParameter } from "../http/api-error.ts";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { requireFeature, requireNeutral } from "../wire/refusals.ts";
import { samplingOf } from "../wire/sampling.ts";
import { checkedChoice, customSpec, functionSpec, requireDistinctNames } from "../wire/tool-specs.ts";
import type { CreateRequest, WireTool } from "./create-request.ts";
import type { HostedTool } from "./hosted-tool.ts";

/** Fails for every parameter that would have to be left out; what passes is honoured. */
export function refuseUnsupported(request: CreateRequest, upstream: Upstream): void {
  requireNeutral(request.conversation, "conversation", [], "use previous_response_id");
  requireNeutral(request.prompt, "prompt", [], "prompt templates are kept by OpenAI");
  requireNeutral(request.truncation, "truncation", ["disabled"], "nothing is cut without being said");
  requireNeutral(request.service_tier, "service_tier", ["auto", "default"], "there is one tier");
  requireNeutral(
    request.prompt_cache_retention,
    "prompt_cache_retention",
    ["in_memory"],
    "the provider decides",
  );
  if (request.background && request.store === false) {
    throw refusedParameter(
      "background",
      "A background response has to be stored; leave 'store' out or true.",
    );
  }
  if ((request.text?.format?.type ?? "text") !== "text")
    requireFeature(upstream, "output_schema", "text.format");
  if (request.top_logprobs) requireFeature(upstream, "logprobs", "top_logprobs");
  if (wantsLogprobs(request)) requireFeature(upstream, "logprobs", "include");
  if (request.text?.verbosity) requireFeature(upstream, "verbosity", "text.verbosity");
  if (request.reasoning?.effort) requireFeature(upstream, "reasoning", "reasoning.effort");
  if (request.reasoning?.summary) requireFeature(upstream, "reasoning", "reasoning.summary");
  if (request.max_output_tokens) requireFeature(upstream, "max_output_tokens", "max_output_tokens");
}

/** The call that the request amounts to. `input` is the whole context, earlier responses included. */
export function toModelRequest(
  request: CreateRequest,
  given: {
    upstream: ResolvedUpstream;
    input: readonly ResponseItem[];
    hosted: readonly HostedTool[];
    id: string;
  },
): ModelRequest {
  const { upstream, model } = given.upstream;
  const tools = clientTools(request.tools ?? [], upstream);
  tools.push(...given.hosted.map((tool) => tool.spec));
  requireDistinctNames(tools, "tools");
  const choice = checkedChoice(toolChoice(request), tools, upstream);
  const format = request.text?.format;
  const summary = request.reasoning?.summary ?? request.reasoning?.generate_summary;
  const sampling = samplingOf(request, upstream);
  return {
    model,
    instructions: request.instructions ?? "",
    input: given.input,
    tools: choice === "none" && !upstream.features.has("tool_choice") ? [] : tools,
    parallelToolCalls: request.parallel_tool_calls ?? true,
    ...(request.reasoning?.effort ? { effort: request.reasoning.effort } : {}),
    ...(summary ? { reasoningSummary: summary } : {}),
    ...(request.text?.verbosity ? { verbosity: request.text.verbosity } : {}),
    ...(format?.type === "json_schema" ? { outputSchema: format.schema } : {}),
    ...(format?.type === "json_object" ? { jsonObject: true } : {}),
    promptCacheKey: request.prompt_cache_key ?? request.previous_response_id ?? given.id,
    ...(request.max_output_tokens ? { maxOutputTokens: request.max_output_tokens } : {}),
    ...(choice === "auto" || (choice === "none" && !upstream.features.has("tool_choice"))
      ? {}
      : { toolChoice: choice }),
    ...(sampling === null ? {} : { sampling }),
    ...(wantsLogprobs(request) ? { logprobs: { alternatives: request.top_logprobs ?? 0 } } : {}),
  };
}

/** OpenAI gives them for the word in `include`; whoever asks for alternatives wants them too. */
function wantsLogprobs({ include, top_logprobs }: CreateRequest): boolean {
  return (include?.includes("message.output_text.logprobs") ?? false) || (top_logprobs ?? 0) > 0;
}

function clientTools(tools: readonly WireTool[], upstream: Upstream): ToolSpec[] {
  return tools.flatMap((tool, index) => {
    if (tool.type === "function") return [functionSpec(tool, `tools[${index}]`, upstream)];
    if (tool.type === "custom") return [customSpec(tool, `tools[${index}]`, upstream)];
    return [];
  });
}

function toolChoice({ tool_choice: choice }: CreateRequest): ToolChoice {
  if (choice === undefined || choice === null) return "auto";
  if (typeof choice === "string") return choice;
  return { tool: "name" in choice ? choice.name : choice.type };
}
