import { deltasOf } from "../delta-text.ts";
import type { RequestView } from "../recorded-request.ts";
import type { Reply, ReplyPart } from "../step.ts";
import type { Block, Dialect } from "./dialect.ts";
import { type Fields, fieldsIn, isFields, textIn } from "./json-fields.ts";

/** The Chat Completions API over server-sent events. */
export const chatDialect: Dialect = {
  name: "chat",
  answers: (path) => path.endsWith("/chat/completions"),
  read(body) {
    const request = isFields(body) ? body : {};
    const messages = fieldsIn(request.messages);
    const texts = (role: string): string[] =>
      messages.filter((message) => message.role === role).map((message) => textOf(message.content));
    return {
      model: textIn(request.model),
      tools: fieldsIn(request.tools).map(toolOf),
      toolOutputs: texts("tool"),
      inputTexts: messages
        .filter((message) => message.role === "user" || message.role === "assistant")
        .map((message) => textOf(message.content))
        .filter((text) => text !== ""),
    };
  },
  *write(reply, request, nextId) {
    const id = nextId("chatcmpl");
    const chunk = (delta: object, finish: string | null = null, more: object = {}): string => {
      const content = "content" in delta ? textIn(delta.content) : "";
      const choices = [{ index: 0, delta, ...chanceOf(content, reply), finish_reason: finish }];
      const head = { id, object: "chat.completion.chunk", created: 1_700_000_000, model: request.model };
      return event({ ...head, choices, ...more });
    };
    yield { text: chunk({ role: "assistant", content: "" }), delta: false };
    let calls = 0;
    for (const part of reply.parts) {
      const isCall = part.kind === "call" || part.kind === "freeform";
      yield* partBlocks(part, { chunk, nextId, request, index: calls, chunkChars: chunkCharsOf(reply) });
      if (isCall) calls++;
    }
    if (reply.outcome?.kind === "failed") {
      const { code, message } = reply.outcome;
      yield { text: event({ error: { code, type: code, message } }), delta: false };
      return;
    }
    yield { text: chunk({}, finishOf(reply, calls)), delta: false };
    const closing = {
      id,
      object: "chat.completion.chunk",
      model: request.model,
      choices: [],
      usage: usageOf(reply),
    };
    yield { text: `${event(closing)}data: [DONE]\n\n`, delta: false };
  },
};

interface PartContext {
  chunk: (delta: object) => string;
  nextId: (prefix: string) => string;
  request: RequestView;
  /** Of a call among the calls of the answer. */
  index: number;
  chunkChars: number;
}

function* partBlocks(part: ReplyPart, context: PartContext): Generator<Block, void, void> {
  const { chunk, chunkChars } = context;
  switch (part.kind) {
    case "text":
      for (const content of deltasOf(part.text, chunkChars)) yield { text: chunk({ content }), delta: true };
      return;
    case "refusal":
      for (const refusal of deltasOf(part.text, chunkChars)) yield { text: chunk({ refusal }), delta: true };
      return;
    case "reasoning":
      for (const piece of deltasOf(part.text, chunkChars)) {
        yield { text: chunk({ reasoning_content: piece }), delta: true };
      }
      return;
    case "call":
      return yield* callBlocks(part.name, part.argumentText, part.callId, context);
    case "freeform": {
      const tool = context.request.tools.find((offered) => offered.name === part.name);
      const text = JSON.stringify({ [tool?.argument ?? "input"]: part.input });
      return yield* callBlocks(part.name, text, part.callId, context);
    }
    case "item":
      yield { text: event(part.item), delta: false };
  }
}

function* callBlocks(
  name: string,
  argumentText: string,
  callId: string | undefined,
  { chunk, nextId, index, chunkChars }: PartContext,
): Generator<Block, void, void> {
  const head = { index, id: callId ?? nextId("call"), type: "function", function: { name, arguments: "" } };
  yield { text: chunk({ tool_calls: [head] }), delta: false };
  for (const piece of deltasOf(argumentText, Math.max(64, chunkChars))) {
    yield { text: chunk({ tool_calls: [{ index, function: { arguments: piece } }] }), delta: true };
  }
}

function chanceOf(token: string, { logprob }: Reply): object {
  if (logprob === undefined || token === "") return {};
  const chance = { token, logprob, bytes: [...Buffer.from(token)] };
  return { logprobs: { content: [{ ...chance, top_logprobs: [chance] }], refusal: null } };
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function chunkCharsOf(reply: Reply): number {
  return reply.delivery?.chunkChars ?? 16;
}

function finishOf(reply: Reply, calls: number): string {
  if (reply.outcome?.kind === "incomplete") {
    return reply.outcome.reason === "max_output_tokens" ? "length" : reply.outcome.reason;
  }
  return calls > 0 ? "tool_calls" : "stop";
}

function usageOf(reply: Reply): object {
  const { input = 100, cached = 0, output = 10, reasoning = 0 } = reply.usage ?? {};
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function toolOf(tool: Fields): RequestView["tools"][number] {
  const made = isFields(tool.function) ? tool.function : {};
  const parameters = isFields(made.parameters) ? made.parameters : {};
  const properties = isFields(parameters.properties) ? Object.keys(parameters.properties) : [];
  return { name: textIn(made.name), kind: "function", argument: properties[0] ?? "input" };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return fieldsIn(content)
    .map((part) => textIn(part.text) || (isFields(part.image_url) ? textIn(part.image_url.url) : ""))
    .join("");
}
