import { CodedError, messageText } from "@quire/protocol";
import type { Capabilities } from "../../endpoint.ts";
import type { ModelRequest } from "../../model-client.ts";
import { withMarks } from "./fill-in-marks.ts";

/** The body of a completion. The prompt is the text of the instructions and of all messages, nothing added. */
export function writeCompletionBody(request: ModelRequest, capabilities: Capabilities): Buffer {
  if (request.tools.length > 0) throw declines("tools");
  if (request.input.some((item) => item.type !== "message")) throw declines("a history with tool calls");
  if (request.outputSchema !== undefined || request.jsonObject) throw declines("structured output");
  const { stop, logprobs } = request;
  const { temperature, topP, seed } = request.sampling ?? {};
  const limit = request.maxOutputTokens ?? capabilities.maxOutputTokens;
  const body = {
    model: request.model,
    ...promptOf(request, request.completion?.suffix, capabilities),
    ...(limit === undefined ? {} : { max_tokens: limit }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(logprobs === undefined ? {} : { logprobs: logprobs.alternatives }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    stream: true,
    stream_options: { include_usage: true },
  };
  return Buffer.from(JSON.stringify(body));
}

function promptOf(request: ModelRequest, suffix: string | undefined, capabilities: Capabilities): object {
  const texts = request.input.map((item) => (item.type === "message" ? messageText(item) : ""));
  const prompt = [request.instructions, ...texts].filter((text) => text !== "").join("\n\n");
  if (suffix === undefined || suffix === "") return { prompt };
  if (capabilities.fillIn === "suffix") return { prompt, suffix };
  const marked = withMarks(request.model, prompt, suffix);
  if (marked !== null) return { prompt: marked };
  throw new CodedError(
    "model_bad_request",
    `How "${request.model}" wants a text in the middle to be marked is not known.`,
    { nextStep: 'Use an endpoint that takes the field "suffix", or a model of a known family.' },
  );
}

function declines(what: string): CodedError {
  return new CodedError(
    "model_bad_request",
    `The Completions API takes a prompt and gives text; it knows no ${what}.`,
    {
      nextStep:
        'For tasks give the provider wire_api = "chat" or "responses"; this one is for inline completion only.',
    },
  );
}
