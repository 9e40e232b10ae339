import {
  type ContentPart,
  isToolOutput,
  type ReasoningItem,
  type ResponseItem,
  type ToolOutputBody,
} from "@quire/protocol";
import { type Capabilities, nearestEffort } from "../../endpoint.ts";
import type { HostedWebSearch, ModelRequest, ToolSpec } from "../../model-client.ts";
import { functionForm } from "../history/function-form.ts";
import { reasoningOrigin } from "../history/reasoning-origin.ts";
import { IMAGE_LEFT_OUT } from "../history/turn-groups.ts";

/**
 * Writes request bodies of which each begins with the bytes of the one before, up to the end of its last item: what is
 * constant on a thread stands before `input`, what may change between turns after it. The JSON of an item is made once
 * and kept for as long as the caller keeps the item, so items must not be changed after they were sent.
 */
export interface RequestWriter {
  write(request: ModelRequest): Buffer;
  /** What stands before the input; requests with the same one can continue one another. */
  head(request: ModelRequest): string;
  /** The message that asks for a response over a WebSocket; with `after` only what came since that response is sent. */
  message(request: ModelRequest, after: { responseId: string; items: number } | null): string;
}

/** Codex calls it so, and programs that stand between look for it. */
const SCHEMA_NAME = "codex_output_schema";
const COMMA = Buffer.from(",");
const INPUT_END = Buffer.from("]");

export function createRequestWriter(capabilities: Capabilities, note: (text: string) => void): RequestWriter {
  const itemJson = new WeakMap<ResponseItem, Buffer>();
  const toolJson = new WeakMap<ToolSpec, string>();

  function bytesOf(item: ResponseItem, tools: readonly ToolSpec[]): Buffer {
    const known = itemJson.get(item);
    if (known !== undefined) return known;
    const bytes = Buffer.from(JSON.stringify(adaptItem(item, tools, capabilities)));
    itemJson.set(item, bytes);
    return bytes;
  }

  function jsonOf(tool: ToolSpec): string {
    const known = toolJson.get(tool);
    if (known !== undefined) return known;
    const json = JSON.stringify(toolDefinition(tool, capabilities));
    toolJson.set(tool, json);
    return json;
  }

  function toolsOf({ tools, webSearch }: ModelRequest): string[] {
    const hosted = webSearch !== undefined && capabilities.webSearch ? [searchTool(webSearch)] : [];
    return [...tools.map(jsonOf), ...hosted.map((tool) => JSON.stringify(tool))];
  }

  const headFor = (request: ModelRequest): string => headOf(request, toolsOf(request), capabilities);

  /** The items from `start` on, with commas between them, and the end of the list. */
  function inputOf(request: ModelRequest, start: number): Buffer[] {
    const parts: Buffer[] = [];
    for (const item of request.input.slice(start)) {
      if (item.type === "reasoning" && !mayGoBack(item, capabilities)) continue;
      if (parts.length > 0) parts.push(COMMA);
      parts.push(bytesOf(item, request.tools));
    }
    parts.push(INPUT_END);
    return parts;
  }

  return {
    head: headFor,
    write(request) {
      const head = Buffer.from(`{${headFor(request)},"stream":true,"input":[`);
      const tail = Buffer.from(tailOf(request, capabilities, note));
      return Buffer.concat([head, ...inputOf(request, 0), tail]);
    },
    message(request, after) {
      const previous = after === null ? "" : `,"previous_response_id":${JSON.stringify(after.responseId)}`;
      const input = Buffer.concat(inputOf(request, after?.items ?? 0)).toString("utf8");
      const tail = tailOf(request, capabilities, note);
      return `{"type":"response.create",${headFor(request)}${previous},"input":[${input}${tail}`;
    },
  };
}

function mayGoBack(item: ReasoningItem, capabilities: Capabilities): boolean {
  return capabilities.reasoning && reasoningOrigin(item).kind === "responses";
}

/** Everything before the input but what the transport adds. */
function headOf(request: ModelRequest, tools: readonly string[], capabilities: Capabilities): string {
  const fields = [
    `"model":${JSON.stringify(request.model)}`,
    ...(request.instructions === "" ? [] : [`"instructions":${JSON.stringify(request.instructions)}`]),
    ...(tools.length === 0
      ? []
      : [`"tools":[${tools.join(",")}]`, `"tool_choice":${toolChoiceOf(request, capabilities)}`]),
    `"parallel_tool_calls":${request.parallelToolCalls && capabilities.parallelToolCalls}`,
    `"store":false`,
    ...includeOf(request, capabilities),
  ];
  return fields.join(",");
}

function includeOf(request: ModelRequest, capabilities: Capabilities): string[] {
  const wanted = [
    ...(capabilities.reasoning ? ["reasoning.encrypted_content"] : []),
    ...(request.logprobs === undefined ? [] : ["message.output_text.logprobs"]),
  ];
  return wanted.length === 0 ? [] : [`"include":${JSON.stringify(wanted)}`];
}

/** Everything after the last input item: what may differ between turns, and between a thread and its forks. */
function tailOf(request: ModelRequest, capabilities: Capabilities, note: (text: string) => void): string {
  const reasoning = reasoningOf(request, capabilities);
  const text = textOf(request, capabilities, note);
  const fields = {
    prompt_cache_key: request.promptCacheKey,
    ...(reasoning === null ? {} : { reasoning }),
    ...(text === null ? {} : { text }),
    ...(request.maxOutputTokens === undefined ? {} : { max_output_tokens: request.maxOutputTokens }),
    ...(request.sampling?.temperature === undefined ? {} : { temperature: request.sampling.temperature }),
    ...(request.sampling?.topP === undefined ? {} : { top_p: request.sampling.topP }),
    ...(request.logprobs === undefined ? {} : { top_logprobs: request.logprobs.alternatives }),
  };
  return `,${JSON.stringify(fields).slice(1)}`;
}

function toolChoiceOf({ toolChoice, tools }: ModelRequest, capabilities: Capabilities): string {
  if (toolChoice === undefined || typeof toolChoice === "string") return JSON.stringify(toolChoice ?? "auto");
  const tool = tools.find((candidate) => candidate.name === toolChoice.tool);
  const type = tool?.kind === "freeform" && capabilities.freeformTools ? "custom" : "function";
  return JSON.stringify({ type, name: toolChoice.tool });
}

function reasoningOf(request: ModelRequest, capabilities: Capabilities): object | null {
  if (!capabilities.reasoning) return null;
  const effort = request.effort && nearestEffort(request.effort, capabilities.efforts);
  const summary = request.reasoningSummary === "none" ? undefined : request.reasoningSummary;
  if (effort === undefined && summary === undefined) return null;
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) };
}

function textOf(
  request: ModelRequest,
  capabilities: Capabilities,
  note: (text: string) => void,
): object | null {
  const verbosity = capabilities.verbosity ? request.verbosity : undefined;
  const schema = request.outputSchema;
  if (schema !== undefined && !capabilities.structuredOutput) {
    note("The endpoint does not take output schemas; the request was sent without one.");
  }
  const object = request.jsonObject ? { type: "json_object" } : undefined;
  const format =
    schema === undefined
      ? object
      : capabilities.structuredOutput
        ? { type: "json_schema", name: SCHEMA_NAME, strict: true, schema }
        : undefined;
  if (verbosity === undefined && format === undefined) return null;
  return { ...(verbosity === undefined ? {} : { verbosity }), ...(format === undefined ? {} : { format }) };
}

function toolDefinition(tool: ToolSpec, capabilities: Capabilities): object {
  if (tool.kind === "function" || !capabilities.freeformTools) {
    const { name, description, parameters } = functionForm(tool);
    const strict = tool.kind === "function" && tool.strict === true;
    return { type: "function", name, description, strict, parameters };
  }
  const { name, description, format } = tool;
  return { type: "custom", name, description, format };
}

/** The hosted tool as Codex asks for it. */
function searchTool({ access, allowedDomains, contextSize, location }: HostedWebSearch): object {
  return {
    type: "web_search",
    external_web_access: access !== "cached",
    ...(access === "indexed" ? { index_gated_web_access: true } : {}),
    ...(allowedDomains.length === 0 ? {} : { filters: { allowed_domains: allowedDomains } }),
    ...(location === null ? {} : { user_location: { type: "approximate", ...location } }),
    ...(contextSize === null ? {} : { search_context_size: contextSize }),
  };
}

/** The item as the endpoint can take it; the very same object when it can take it as it is. */
function adaptItem(item: ResponseItem, tools: readonly ToolSpec[], capabilities: Capabilities): object {
  if (item.type === "message") {
    const content = adaptParts(item.content, capabilities);
    return content === item.content ? item : { ...item, content };
  }
  if (item.type === "custom_tool_call" && !capabilities.freeformTools) {
    const { input, type: _custom, ...rest } = item;
    const tool = tools.find((candidate) => candidate.name === item.name);
    const argument = tool?.kind === "freeform" ? tool.functionArgument : "input";
    return { type: "function_call", ...rest, arguments: JSON.stringify({ [argument]: input }) };
  }
  if (isToolOutput(item)) {
    const output = adaptOutput(item.output, capabilities);
    const type = capabilities.freeformTools ? item.type : "function_call_output";
    return output === item.output && type === item.type ? item : { ...item, type, output };
  }
  return item;
}

function adaptOutput(output: ToolOutputBody, capabilities: Capabilities): ToolOutputBody {
  return typeof output === "string" ? output : adaptParts(output, capabilities);
}

function adaptParts(parts: ContentPart[], capabilities: Capabilities): ContentPart[] {
  if (capabilities.images || !parts.some((part) => part.type === "input_image")) return parts;
  return parts.map((part) =>
    part.type === "input_image" ? { type: "input_text", text: IMAGE_LEFT_OUT } : part,
  );
}
