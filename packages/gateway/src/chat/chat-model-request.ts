import type { ModelRequest, ToolChoice, ToolSpec } from "@quire/models";
import type { ResponseItem } from "@quire/protocol";
import { invalidValue, refusedParameter } from "../http/api-error.ts";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { REFUSED_SAMPLING, requireFeature, requireNeutral } from "../wire/refusals.ts";
import { samplingOf } from "../wire/sampling.ts";
import { checkedChoice, customSpec, functionSpec, requireDistinctNames } from "../wire/tool-specs.ts";
import type { ChatRequest, ChatTool } from "./chat-request.ts";

/** Fails for every parameter that would have to be left out; what passes is honoured. */
export function refuseUnsupportedChat(request: ChatRequest, upstream: Upstream): void {
  const neutral: readonly (readonly [keyof ChatRequest, readonly unknown[], string])[] = [
    ["audio", [], "there is no audio"],
    ...REFUSED_SAMPLING,
    ["function_call", ["none"], "use tool_choice"],
    ["functions", [], "use tools"],
    ["prediction", [], "no provider here takes it"],
    ["prompt_cache_retention", ["in_memory"], "the provider decides"],
    ["service_tier", ["auto", "default"], "there is one tier"],
    ["store", [false], "completions are not kept; use /v1/responses"],
    ["web_search_options", [], "the gateway searches nothing"],
  ];
  for (const [param, values, why] of neutral) requireNeutral(request[param], param, values, why);
  if (request.modalities?.some((modality) => modality !== "text")) {
    throw refusedParameter("modalities", "Only text comes out here.");
  }
  if ((request.response_format?.type ?? "text") !== "text") {
    requireFeature(upstream, "output_schema", "response_format");
  }
  if (request.logprobs) requireFeature(upstream, "logprobs", "logprobs");
  else if (typeof request.top_logprobs === "number") {
    throw invalidValue("top_logprobs", "'top_logprobs' needs 'logprobs': true.");
  }
  if (request.verbosity) requireFeature(upstream, "verbosity", "verbosity");
  if (request.reasoning_effort) requireFeature(upstream, "reasoning", "reasoning_effort");
  for (const param of ["max_tokens", "max_completion_tokens"] as const) {
    if (request[param]) requireFeature(upstream, "max_output_tokens", param);
  }
}

/** The call that a chat request amounts to, for each of its choices the same. */
export function chatModelRequest(
  request: ChatRequest,
  given: { upstream: ResolvedUpstream; instructions: string; input: readonly ResponseItem[]; id: string },
): ModelRequest {
  const { upstream, model } = given.upstream;
  const tools = (request.tools ?? []).map((tool, index) => toolSpec(tool, `tools[${index}]`, upstream));
  requireDistinctNames(tools, "tools");
  const choice = checkedChoice(toolChoice(request), tools, upstream);
  const withoutTools = choice === "none" && !upstream.features.has("tool_choice");
  const format = request.response_format;
  const limit = request.max_completion_tokens ?? request.max_tokens;
  const sampling = samplingOf(request, upstream);
  return {
    model,
    instructions: given.instructions,
    input: given.input,
    tools: withoutTools ? [] : tools,
    parallelToolCalls: request.parallel_tool_calls ?? true,
    ...(request.reasoning_effort ? { effort: request.reasoning_effort } : {}),
    ...(request.verbosity ? { verbosity: request.verbosity } : {}),
    ...(format?.type === "json_schema" ? { outputSchema: format.json_schema.schema } : {}),
    ...(format?.type === "json_object" ? { jsonObject: true } : {}),
    promptCacheKey: request.prompt_cache_key ?? given.id,
    ...(limit ? { maxOutputTokens: limit } : {}),
    ...(choice === "auto" || withoutTools ? {} : { toolChoice: choice }),
    ...(sampling === null ? {} : { sampling }),
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
    ...(request.logprobs ? { logprobs: { alternatives: request.top_logprobs ?? 0 } } : {}),
  };
}

function toolSpec(tool: ChatTool, param: string, upstream: Upstream): ToolSpec {
  if (tool.type === "function") return functionSpec(tool.function, `${param}.function`, upstream);
  const { format, ...rest } = tool.custom;
  const flat = format?.type === "grammar" ? { type: "grammar" as const, ...format.grammar } : format;
  return customSpec({ ...rest, format: flat }, `${param}.custom`, upstream);
}

function toolChoice({ tool_choice: choice }: ChatRequest): ToolChoice {
  if (choice === undefined || choice === null) return "auto";
  if (typeof choice === "string") return choice;
  return { tool: choice.type === "function" ? choice.function.name : choice.custom.name };
}
