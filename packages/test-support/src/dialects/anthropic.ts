import { deltasOf } from "../delta-text.ts";
import type { RequestView } from "../recorded-request.ts";
import type { Reply, ReplyPart } from "../step.ts";
import type { Block, Dialect } from "./dialect.ts";
import { type Fields, fieldsIn, isFields, textIn } from "./json-fields.ts";

/** The Messages API of Anthropic over server-sent events. */
export const anthropicDialect: Dialect = {
  name: "anthropic",
  answers: (path) => path.endsWith("/messages"),
  read(body) {
    const request = isFields(body) ? body : {};
    const messages = fieldsIn(request.messages);
    const blocks = messages.flatMap((message) => fieldsIn(message.content));
    return {
      model: textIn(request.model),
      tools: fieldsIn(request.tools).map(toolOf),
      toolOutputs: blocks
        .filter((block) => block.type === "tool_result")
        .map((block) => textOf(block.content)),
      inputTexts: messages.map((message) => textOf(message.content)).filter((text) => text !== ""),
    };
  },
  *write(reply, request, nextId) {
    const { input = 100, cached = 0, output = 10 } = reply.usage ?? {};
    const message = {
      id: nextId("msg"),
      type: "message",
      role: "assistant",
      model: request.model,
      content: [],
    };
    const before = {
      input_tokens: input - cached,
      cache_read_input_tokens: cached,
      cache_creation_input_tokens: 0,
      output_tokens: 1,
    };
    yield block("message_start", { message: { ...message, stop_reason: null, usage: before } });
    yield block("ping", {});
    let index = 0;
    for (const part of reply.parts) yield* partBlocks(part, index++, { reply, request, nextId });
    if (reply.outcome?.kind === "failed") {
      const { code, message: said } = reply.outcome;
      yield block("error", { error: { type: code, message: said } });
      return;
    }
    const delta = { stop_reason: stopReasonOf(reply), stop_sequence: null };
    yield block("message_delta", { delta, usage: { output_tokens: output } });
    yield block("message_stop", {});
  },
};

interface PartContext {
  reply: Reply;
  request: RequestView;
  nextId: (prefix: string) => string;
}

function* partBlocks(part: ReplyPart, index: number, context: PartContext): Generator<Block, void, void> {
  const chars = context.reply.delivery?.chunkChars ?? 16;
  const delta = (fields: object, counts = true): Block =>
    block("content_block_delta", { index, delta: fields }, counts);
  switch (part.kind) {
    case "text":
    case "refusal":
      yield block("content_block_start", { index, content_block: { type: "text", text: "" } });
      for (const text of deltasOf(part.text, chars)) yield delta({ type: "text_delta", text });
      break;
    case "reasoning":
      yield block("content_block_start", {
        index,
        content_block: { type: "thinking", thinking: "", signature: "" },
      });
      for (const thinking of deltasOf(part.text, chars)) yield delta({ type: "thinking_delta", thinking });
      yield delta({ type: "signature_delta", signature: `scripted-${context.nextId("sig")}` }, false);
      break;
    case "call":
    case "freeform": {
      const id = part.callId ?? context.nextId("toolu");
      const start = { type: "tool_use", id, name: part.name, input: {} };
      yield block("content_block_start", { index, content_block: start });
      for (const partial_json of deltasOf(inputText(part, context.request), Math.max(64, chars))) {
        yield delta({ type: "input_json_delta", partial_json });
      }
      break;
    }
    case "item":
      yield block("content_block_start", { index, content_block: part.item });
  }
  yield block("content_block_stop", { index });
}

function inputText(part: Extract<ReplyPart, { kind: "call" | "freeform" }>, request: RequestView): string {
  if (part.kind === "call") return part.argumentText;
  const tool = request.tools.find((offered) => offered.name === part.name);
  return JSON.stringify({ [tool?.argument ?? "input"]: part.input });
}

function block(type: string, fields: object, delta = false): Block {
  return { text: `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`, delta };
}

function stopReasonOf(reply: Reply): string {
  if (reply.outcome?.kind === "incomplete") {
    return reply.outcome.reason === "max_output_tokens" ? "max_tokens" : "refusal";
  }
  return reply.parts.some((part) => part.kind === "call" || part.kind === "freeform")
    ? "tool_use"
    : "end_turn";
}

function toolOf(tool: Fields): RequestView["tools"][number] {
  const schema = isFields(tool.input_schema) ? tool.input_schema : {};
  const properties = isFields(schema.properties) ? Object.keys(schema.properties) : [];
  return { name: textIn(tool.name), kind: "function", argument: properties[0] ?? "input" };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return fieldsIn(content)
    .filter((part) => part.type === "text" || part.type === "image")
    .map((part) => textIn(part.text) || imageUrl(part.source))
    .join("");
}

function imageUrl(source: unknown): string {
  if (!isFields(source)) return "";
  return textIn(source.url) || `data:${textIn(source.media_type)};base64,${textIn(source.data)}`;
}
