import type { ToolCall } from "@quire/protocol";
import {
  answerChoices,
  type ChoiceDeps,
  type ChoiceDialect,
  type ChoiceStream,
  frameOf,
  usageTeller,
} from "../choice/choice-endpoint.ts";
import type { DoneChoice } from "../choice/run-choices.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { wireLogprobs } from "../wire/logprobs.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { readMessages } from "./chat-input.ts";
import { chatModelRequest, refuseUnsupportedChat } from "./chat-model-request.ts";
import { ChatRequestSchema } from "./chat-request.ts";

/** `/v1/chat/completions`. */
export function chatRoutes(deps: ChoiceDeps): Route[] {
  return [{ method: "POST", path: "/v1/chat/completions", handle: (exchange) => complete(deps, exchange) }];
}

async function complete(deps: ChoiceDeps, exchange: Exchange): Promise<void> {
  const request = parseRequest(ChatRequestSchema, await exchange.body());
  const upstream = await deps.router.resolve(request.model, "chat");
  refuseUnsupportedChat(request, upstream.upstream);
  const read = await readMessages(request.messages, {
    readFile: deps.readFile,
    takesImages: upstream.upstream.features.has("images"),
  });
  const id = `chatcmpl-${deps.randomName()}`;
  const metadata = request.metadata ?? {};
  const job = {
    upstream,
    request: chatModelRequest(request, { upstream, ...read, id }),
    stops: request.stop,
    customTools: new Set(
      (request.tools ?? []).flatMap((tool) => (tool.type === "custom" ? [tool.custom.name] : [])),
    ),
    onUsage: usageTeller({ door: "chat", responseId: id, metadata }, upstream, deps),
  };
  const plan = {
    frame: { ...frameOf(id, upstream, deps), service_tier: "default" },
    jobs: Array.from({ length: request.n ?? 1 }, () => job),
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
  await answerChoices(plan, chatDialect(request.logprobs ?? false), exchange, deps);
}

/** Without `weighed` log probabilities are null, whatever a provider says. */
function chatDialect(weighed: boolean): ChoiceDialect {
  return {
    whole: "chat.completion",
    chunk: "chat.completion.chunk",
    choice: (choice, index) => wholeChoice(choice, index, weighed),
    stream: (index, send) => streamedChoice(index, send, weighed),
  };
}

function wholeChoice(choice: DoneChoice, index: number, weighed: boolean): object {
  const { text, refusal, calls, finish } = choice;
  const tokens = wireLogprobs(choice.tokens);
  const refused = refusal !== null && text === "";
  return {
    index,
    message: {
      role: "assistant",
      content: text === "" && (calls.length > 0 || refusal !== null) ? null : text,
      refusal,
      annotations: [],
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(wholeCall) }),
    },
    logprobs: weighed ? { content: refused ? null : tokens, refusal: refused ? tokens : null } : null,
    finish_reason: finish,
  };
}

function wholeCall(call: ToolCall): object {
  return call.type === "function_call"
    ? { id: call.call_id, type: "function", function: { name: call.name, arguments: call.arguments } }
    : { id: call.call_id, type: "custom", custom: { name: call.name, input: call.input } };
}

function streamedChoice(
  index: number,
  send: (choice: object) => Promise<void>,
  weighed: boolean,
): ChoiceStream {
  const types = new Map<number, ToolCall["type"]>();
  let begun = false;
  const delta = async (fields: object, logprobs: object | null = null) => {
    if (!begun) {
      begun = true;
      await send(choiceDelta(index, { role: "assistant", content: "", refusal: null }));
    }
    await send({ ...choiceDelta(index, fields), logprobs });
  };
  return {
    text: (content, tokens) =>
      delta({ content }, weighed ? { content: wireLogprobs(tokens), refusal: null } : null),
    callStarted(at, call) {
      types.set(at, call.type);
      return delta({ tool_calls: [{ index: at, ...startedCall(call) }] });
    },
    callInput: (at, piece) =>
      delta({ tool_calls: [{ index: at, ...callPiece(piece, types.get(at) ?? "function_call") }] }),
    async ended({ finish }) {
      if (!begun) await delta({});
      await send({ ...choiceDelta(index, {}), finish_reason: finish });
    },
  };
}

function choiceDelta(index: number, delta: object): object {
  return { index, delta, logprobs: null, finish_reason: null };
}

function startedCall(call: ToolCall): object {
  return call.type === "function_call"
    ? { id: call.call_id, type: "function", function: { name: call.name, arguments: "" } }
    : { id: call.call_id, type: "custom", custom: { name: call.name, input: "" } };
}

function callPiece(piece: string, type: ToolCall["type"]): object {
  return type === "function_call" ? { function: { arguments: piece } } : { custom: { input: piece } };
}
