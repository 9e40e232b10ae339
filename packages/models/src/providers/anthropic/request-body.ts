import { CodedError } from "@quire/protocol";
import type { Capabilities } from "../../endpoint.ts";
import type { ModelRequest, ToolSpec } from "../../model-client.ts";
import { functionForm } from "../history/function-form.ts";
import { MessageJson } from "../history/message-json.ts";
import { groupHistory, splitOrders, systemText } from "../history/turn-groups.ts";
import { anthropicMessages } from "./messages.ts";
import { thinkingFields, usualOutputLimit } from "./thinking.ts";

/** The tool through which an answer that follows a schema comes. Its input is the final message. */
export const ANSWER_TOOL = "final_message";

const CACHED = { cache_control: { type: "ephemeral" } };

/**
 * Writes request bodies of which each begins with the bytes of the one before, up to the end of its last message. Two
 * breakpoints keep the endpoint's cache: one behind tools and system, which never moves, and the automatic one of the
 * whole request, which stands behind the messages so that it need not be moved inside them.
 */
export function createAnthropicWriter(
  capabilities: Capabilities,
  note: (text: string) => void,
): (request: ModelRequest) => Buffer {
  const kept = new MessageJson();
  return (request) => {
    const { orders, rest } = splitOrders(groupHistory(request.input));
    const schema = answerSchema(request, capabilities);
    if (request.outputSchema !== undefined && !capabilities.structuredOutput) {
      note("The endpoint does not take output schemas; the request was sent without one.");
    }
    const tools = [
      ...request.tools.map(toolDefinition),
      ...(schema === undefined ? [] : [answerTool(schema)]),
    ];
    const system = systemText(request.instructions, orders);
    const head = JSON.stringify({
      model: request.model,
      stream: true,
      ...(tools.length === 0 ? {} : { tools }),
      ...(system === "" ? {} : { system: [{ type: "text", text: system, ...CACHED }] }),
    });
    const messages = kept.of(rest, new Set(), (group, known) =>
      anthropicMessages(group, request.tools, capabilities, known),
    );
    const thinking = thinkingFields(request, rest, capabilities);
    const choice = toolChoice(request, capabilities, schema, thinking.thinking);
    const tail = JSON.stringify({
      max_tokens: outputLimit(request, capabilities, thinking.thinking),
      ...(tools.length === 0 ? {} : { tool_choice: choice }),
      ...thinking,
      ...samplingOf(request, thinking.thinking),
      ...(capabilities.promptCacheKey ? CACHED : {}),
    });
    return Buffer.concat([
      Buffer.from(`${head.slice(0, -1)},"messages":[`),
      ...messages,
      Buffer.from(`],${tail.slice(1)}`),
    ]);
  };
}

function toolDefinition(tool: ToolSpec): object {
  const { name, description, parameters } = functionForm(tool);
  const strict = tool.kind === "function" && tool.strict === true ? { strict: true } : {};
  return { name, description, input_schema: parameters, ...strict };
}

const ANY_OBJECT = { type: "object", additionalProperties: true } as const;

/** What the final message has to follow. A call that is forced leaves no room for a final message. */
function answerSchema(request: ModelRequest, capabilities: Capabilities): object | undefined {
  if (isForced(request)) return undefined;
  if (request.outputSchema !== undefined)
    return capabilities.structuredOutput ? request.outputSchema : undefined;
  return request.jsonObject ? ANY_OBJECT : undefined;
}

function isForced({ toolChoice }: ModelRequest): boolean {
  return toolChoice === "required" || typeof toolChoice === "object";
}

function answerTool(schema: object): object {
  const description = "Gives the final answer. Call it once, when the task is done; its input is the answer.";
  return { name: ANSWER_TOOL, description, input_schema: schema };
}

/** With a schema the model has to call something, at the end the answer's tool; a model that thinks cannot be forced. */
function toolChoice(
  request: ModelRequest,
  capabilities: Capabilities,
  schema: object | undefined,
  thinking: object | undefined,
): object {
  const single =
    request.parallelToolCalls && capabilities.parallelToolCalls ? {} : { disable_parallel_tool_use: true };
  const { toolChoice: wanted } = request;
  if (isForced(request) && thinking !== undefined) {
    throw declines("a forced tool call from a model that thinks", "Leave the effort or the tool choice out.");
  }
  if (typeof wanted === "object") return { type: "tool", name: wanted.tool, ...single };
  if (wanted === "required") return { type: "any", ...single };
  if (wanted === "none" && schema === undefined) return { type: "none" };
  if (wanted === "none" && thinking === undefined) return { type: "tool", name: ANSWER_TOOL, ...single };
  if (schema === undefined || thinking !== undefined) return { type: "auto", ...single };
  if (request.tools.length === 0) return { type: "tool", name: ANSWER_TOOL, ...single };
  return { type: "any", ...single };
}

/** Only white space is no stop sequence there; whoever asked for it cuts the text. */
function samplingOf({ sampling, stop = [] }: ModelRequest, thinking: object | undefined): object {
  const { temperature, topP } = sampling ?? {};
  if (temperature !== undefined && temperature > 1) {
    throw declines(`the temperature ${temperature}`, "It takes temperatures from 0 to 1.");
  }
  if (temperature !== undefined && temperature !== 1 && thinking !== undefined) {
    throw declines("a temperature for a model that thinks", "Leave the effort or the temperature out.");
  }
  const stops = stop.filter((text) => text.trim() !== "");
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stops.length === 0 ? {} : { stop_sequences: stops }),
  };
}

function declines(what: string, nextStep: string): CodedError {
  return new CodedError("model_bad_request", `The Messages API does not take ${what}. ${nextStep}`, {
    nextStep,
  });
}

/** Thinking with a budget counts towards the limit, which must leave room for the answer. */
function outputLimit(
  request: ModelRequest,
  capabilities: Capabilities,
  thinking: object | undefined,
): number {
  const wanted = request.maxOutputTokens ?? capabilities.maxOutputTokens ?? usualOutputLimit(request.model);
  const budget =
    thinking !== undefined && "budget_tokens" in thinking && typeof thinking.budget_tokens === "number"
      ? thinking.budget_tokens
      : 0;
  return budget >= wanted ? budget + Math.min(wanted, 4_096) : wanted;
}
