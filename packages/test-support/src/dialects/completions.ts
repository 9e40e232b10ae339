import { deltasOf } from "../delta-text.ts";
import type { Reply } from "../step.ts";
import type { Dialect } from "./dialect.ts";
import { isFields, textIn } from "./json-fields.ts";

/** The legacy Completions API over server-sent events: a prompt goes in, text comes out. */
export const completionsDialect: Dialect = {
  name: "completions",
  answers: (path) => path.endsWith("/completions") && !path.endsWith("/chat/completions"),
  read(body) {
    const request = isFields(body) ? body : {};
    return {
      model: textIn(request.model),
      tools: [],
      toolOutputs: [],
      inputTexts: [textIn(request.prompt)],
    };
  },
  *write(reply, request, nextId) {
    const head = {
      id: nextId("cmpl"),
      object: "text_completion",
      created: 1_700_000_000,
      model: request.model,
    };
    const event = (data: object): string => `data: ${JSON.stringify({ ...head, ...data })}\n\n`;
    for (const part of reply.parts) {
      if (part.kind !== "text") continue;
      for (const text of deltasOf(part.text, reply.delivery?.chunkChars ?? 16)) {
        const logprobs = chancesOf(text, reply);
        yield { text: event({ choices: [{ index: 0, text, logprobs, finish_reason: null }] }), delta: true };
      }
    }
    if (reply.outcome?.kind === "failed") {
      const { code, message } = reply.outcome;
      yield { text: `data: ${JSON.stringify({ error: { code, type: code, message } })}\n\n`, delta: false };
      return;
    }
    const reason = reply.outcome?.kind === "incomplete" ? reply.outcome.reason : "stop";
    const finish_reason = reason === "max_output_tokens" ? "length" : reason;
    yield { text: event({ choices: [{ index: 0, text: "", finish_reason }] }), delta: false };
    const { input = 100, cached = 0, output = 10 } = reply.usage ?? {};
    const usage = {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: cached },
    };
    yield { text: `${event({ choices: [], usage })}data: [DONE]\n\n`, delta: false };
  },
};

function chancesOf(token: string, { logprob }: Reply): object | null {
  if (logprob === undefined) return null;
  return {
    tokens: [token],
    token_logprobs: [logprob],
    top_logprobs: [{ [token]: logprob }],
    text_offset: [0],
  };
}
