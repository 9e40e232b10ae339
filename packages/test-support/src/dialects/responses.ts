import { deltasOf } from "../delta-text.ts";
import type { RequestView } from "../recorded-request.ts";
import type { Reply, ReplyPart } from "../step.ts";
import type { Block, Dialect } from "./dialect.ts";
import { type Fields, fieldsIn, isFields, textIn } from "./json-fields.ts";

/** The Responses API over server-sent events. */
export const responsesDialect: Dialect = {
  name: "responses",
  answers: (path) => path.endsWith("/responses"),
  read(body) {
    const request = isFields(body) ? body : {};
    const input = fieldsIn(request.input);
    return {
      model: textIn(request.model),
      tools: fieldsIn(request.tools).map(toolOf),
      toolOutputs: input
        .filter((item) => textIn(item.type).endsWith("_output"))
        .map((item) => textOf(item.output)),
      inputTexts: input.filter((item) => item.type === "message").map((item) => textOf(item.content)),
    };
  },
  write: (reply, request, nextId) => new ResponseWriter(reply, request, nextId).blocks(),
};

function toolOf(tool: Fields): RequestView["tools"][number] {
  const parameters = isFields(tool.parameters) ? tool.parameters : {};
  const properties = isFields(parameters.properties) ? Object.keys(parameters.properties) : [];
  const kind = tool.type === "custom" ? "freeform" : "function";
  return { name: textIn(tool.name), kind, argument: properties[0] ?? "input" };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return fieldsIn(content)
    .map((part) => textIn(part.text) || textIn(part.refusal) || textIn(part.image_url))
    .join("");
}

type NextId = (prefix: string) => string;

class ResponseWriter {
  readonly #reply: Reply;
  readonly #request: RequestView;
  readonly #nextId: NextId;
  readonly #chunkChars: number;
  readonly #output: object[] = [];
  #sequence = 0;

  constructor(reply: Reply, request: RequestView, nextId: NextId) {
    this.#reply = reply;
    this.#request = request;
    this.#nextId = nextId;
    this.#chunkChars = reply.delivery?.chunkChars ?? 16;
  }

  *blocks(): Generator<Block, void, void> {
    const response = {
      id: this.#nextId("resp"),
      object: "response",
      created_at: 1_700_000_000,
      status: "in_progress",
      model: this.#request.model,
      output: [],
    };
    yield this.#block("response.created", { response });
    yield this.#block("response.in_progress", { response });
    for (const part of this.#reply.parts) yield* this.#part(part);
    yield this.#closing(response);
  }

  #block(type: string, fields: object, delta = false): Block {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...fields });
    return { text: `event: ${type}\ndata: ${data}\n\n`, delta };
  }

  *#part(part: ReplyPart): Generator<Block, void, void> {
    switch (part.kind) {
      case "text":
        return yield* this.#message(part.text, "output_text");
      case "refusal":
        return yield* this.#message(part.text, "refusal");
      case "reasoning":
        return yield* this.#reasoning(part.text);
      case "call":
        return yield* this.#call(part.name, part.argumentText, false, part.callId);
      case "freeform": {
        const tool = this.#request.tools.find((offered) => offered.name === part.name);
        if (tool?.kind !== "function") return yield* this.#call(part.name, part.input, true, part.callId);
        const argumentText = JSON.stringify({ [tool.argument]: part.input });
        return yield* this.#call(part.name, argumentText, false, part.callId);
      }
      case "item":
        yield this.#block("response.output_item.added", {
          output_index: this.#output.length,
          item: part.item,
        });
        return yield* this.#done(part.item);
    }
  }

  *#done(item: object): Generator<Block, void, void> {
    yield this.#block("response.output_item.done", { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  *#message(text: string | { deltas: number; chars: number }, kind: "output_text" | "refusal") {
    const at = { item_id: this.#nextId("msg"), output_index: this.#output.length, content_index: 0 };
    const item = { type: "message", id: at.item_id, role: "assistant" };
    const part = (said: string): object =>
      kind === "refusal" ? { type: kind, refusal: said } : { type: kind, text: said, annotations: [] };
    yield this.#block("response.output_item.added", {
      output_index: at.output_index,
      item: { ...item, status: "in_progress", content: [] },
    });
    yield this.#block("response.content_part.added", { ...at, part: part("") });
    let said = "";
    for (const delta of deltasOf(text, this.#chunkChars)) {
      said += delta;
      yield this.#block(`response.${kind}.delta`, { ...at, delta, ...this.#chanceOf(delta) }, true);
    }
    const cut = this.#reply.outcome?.kind === "incomplete";
    yield* this.#done({ ...item, status: cut ? "incomplete" : "completed", content: [part(said)] });
  }

  #chanceOf(token: string): object {
    const { logprob } = this.#reply;
    if (logprob === undefined) return {};
    return { logprobs: [{ token, logprob, top_logprobs: [{ token, logprob }] }] };
  }

  *#reasoning(text: string): Generator<Block, void, void> {
    const at = { item_id: this.#nextId("rs"), output_index: this.#output.length, summary_index: 0 };
    const item = { type: "reasoning", id: at.item_id };
    yield this.#block("response.output_item.added", {
      output_index: at.output_index,
      item: { ...item, summary: [] },
    });
    for (const delta of deltasOf(text, this.#chunkChars)) {
      yield this.#block("response.reasoning_summary_text.delta", { ...at, delta }, true);
    }
    const encrypted = Buffer.from(`scripted:${at.item_id}`).toString("base64");
    yield* this.#done({ ...item, summary: [{ type: "summary_text", text }], encrypted_content: encrypted });
  }

  *#call(name: string, input: string, freeform: boolean, callId: string | undefined) {
    const type = freeform ? "custom_tool_call" : "function_call";
    const at = { item_id: this.#nextId(freeform ? "ctc" : "fc"), output_index: this.#output.length };
    const item = { type, id: at.item_id, call_id: callId ?? this.#nextId("call"), name };
    const field = freeform ? "input" : "arguments";
    const delta = freeform
      ? "response.custom_tool_call_input.delta"
      : "response.function_call_arguments.delta";
    yield this.#block("response.output_item.added", {
      output_index: at.output_index,
      item: { ...item, status: "in_progress", [field]: "" },
    });
    for (const piece of deltasOf(input, Math.max(64, this.#chunkChars))) {
      yield this.#block(delta, { ...at, delta: piece }, true);
    }
    yield* this.#done({ ...item, status: "completed", [field]: input });
  }

  #closing(response: object): Block {
    const outcome = this.#reply.outcome;
    const full = { ...response, output: this.#output, usage: this.#usage() };
    if (outcome === undefined) {
      return this.#block("response.completed", { response: { ...full, status: "completed" } });
    }
    if (outcome.kind === "incomplete") {
      const ended = { status: "incomplete", incomplete_details: { reason: outcome.reason } };
      return this.#block("response.incomplete", { response: { ...full, ...ended } });
    }
    const error = { code: outcome.code, message: outcome.message };
    return this.#block("response.failed", { response: { ...full, status: "failed", error } });
  }

  #usage(): object {
    const { input = 100, cached = 0, output = 10, reasoning = 0 } = this.#reply.usage ?? {};
    return {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    };
  }
}
