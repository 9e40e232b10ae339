import type { Capabilities } from "../../endpoint.ts";
import { nearestEffort } from "../../endpoint.ts";
import type { ModelRequest, ToolChoice, ToolSpec } from "../../model-client.ts";
import { functionForm } from "../history/function-form.ts";
import { MessageJson } from "../history/message-json.ts";
import { groupHistory, splitOrders, systemText } from "../history/turn-groups.ts";
import { chatMessages } from "./messages.ts";
import { toolsInWords } from "./written-tools.ts";

/**
 * Writes request bodies of which each begins with the bytes of the one before, up to the end of its last message: what
 * is constant on a thread stands before `messages`, what may change between turns after them. What stands before the
 * first word of the user joins the instructions in one system message, because templates of many local models know only
 * one, at the top.
 */
export function createChatWriter(
  capabilities: Capabilities,
  note: (text: string) => void,
): (request: ModelRequest) => Buffer {
  const kept = new MessageJson();
  return (request) => {
    const { orders, rest } = splitOrders(groupHistory(request.input));
    const words = capabilities.tools || request.toolChoice === "none" ? "" : toolsInWords(request.tools);
    const content = [systemText(request.instructions, orders), words]
      .filter((text) => text !== "")
      .join("\n\n");
    const messages = kept.of(rest, new Set(), (group, known) =>
      chatMessages(group, request.tools, capabilities, known),
    );
    const system = content === "" ? "" : JSON.stringify({ role: "system", content });
    const comma = system === "" || messages.length === 0 ? "" : ",";
    const tail = JSON.stringify(tailOf(request, capabilities, note));
    const end = tail === "{}" ? "}" : `,${tail.slice(1)}`;
    const head = JSON.stringify(headOf(request, capabilities)).slice(0, -1);
    return Buffer.concat([
      Buffer.from(`${head},"messages":[${system}${comma}`),
      ...messages,
      Buffer.from(`]${end}`),
    ]);
  };
}

function headOf(request: ModelRequest, capabilities: Capabilities): object {
  return {
    model: request.model,
    ...(request.tools.length === 0 || !capabilities.tools
      ? {}
      : {
          tools: request.tools.map(toolDefinition),
          tool_choice: toolChoiceOf(request.toolChoice),
          ...(capabilities.parallelToolCalls ? { parallel_tool_calls: request.parallelToolCalls } : {}),
        }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function toolDefinition(tool: ToolSpec): object {
  const strict = tool.kind === "function" && tool.strict === true ? { strict: true } : {};
  return { type: "function", function: { ...functionForm(tool), ...strict } };
}

function toolChoiceOf(choice: ToolChoice = "auto"): string | object {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.tool } };
}

function tailOf(request: ModelRequest, capabilities: Capabilities, note: (text: string) => void): object {
  const effort =
    capabilities.reasoning && request.effort
      ? nearestEffort(request.effort, capabilities.efforts)
      : undefined;
  const limit = request.maxOutputTokens;
  const schema = request.outputSchema;
  if (schema !== undefined && !capabilities.structuredOutput) {
    note("The endpoint does not take output schemas; the request was sent without one.");
  }
  const { temperature, topP, seed } = request.sampling ?? {};
  const alternatives = request.logprobs?.alternatives;
  return {
    ...(capabilities.promptCacheKey ? { prompt_cache_key: request.promptCacheKey } : {}),
    ...(effort === undefined ? {} : { reasoning_effort: effort }),
    ...(capabilities.verbosity && request.verbosity !== undefined ? { verbosity: request.verbosity } : {}),
    ...responseFormat(request, capabilities),
    ...(limit === undefined ? {} : { [capabilities.outputLimitField]: limit }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(alternatives === undefined ? {} : { logprobs: true, top_logprobs: alternatives }),
  };
}

function responseFormat({ outputSchema: schema, jsonObject }: ModelRequest, capabilities: Capabilities) {
  if (schema !== undefined) {
    const json_schema = { name: "final_message", strict: true, schema };
    return capabilities.structuredOutput ? { response_format: { type: "json_schema", json_schema } } : {};
  }
  return jsonObject ? { response_format: { type: "json_object" } } : {};
}
