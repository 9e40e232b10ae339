import type { ToolCall } from "@quire/protocol";
import { LateStream } from "../choice/late-stream.ts";
import type { ChoiceListener } from "../choice/run-choice.ts";
import { completionUsage, type DoneChoice, runChoices } from "../choice/run-choices.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { ReadFile } from "../responses/input-items.ts";
import type { ModelRouter } from "../upstream/model-router.ts";
import type { OnUsage } from "../upstream/usage-record.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { readMessages } from "./chat-input.ts";
import { chatModelRequest, refuseUnsupportedChat } from "./chat-model-request.ts";
import { type ChatRequest, ChatRequestSchema } from "./chat-request.ts";

export interface ChatDeps {
  router: ModelRouter;
  readFile: ReadFile;
  nowMs: () => number;
  randomName: () => string;
  onUsage: OnUsage;
}

/** `/v1/chat/completions`. */
export function chatRoutes(deps: ChatDeps): Route[] {
  return [{ method: "POST", path: "/v1/chat/completions", handle: (exchange) => complete(deps, exchange) }];
}

async function complete(deps: ChatDeps, exchange: Exchange): Promise<void> {
  const request = parseRequest(ChatRequestSchema, await exchange.body());
  const upstream = await deps.router.resolve(request.model, "chat");
  refuseUnsupportedChat(request, upstream.upstream);
  const read = await readMessages(request.messages, {
    readFile: deps.readFile,
    takesImages: upstream.upstream.features.has("images"),
  });
  const id = `chatcmpl-${deps.randomName()}`;
  const modelRequest = chatModelRequest(request, { upstream, ...read, id });
  const frame = {
    id,
    created: Math.floor(deps.nowMs() / 1000),
    model: upstream.model,
    service_tier: "default",
    system_fingerprint: null,
  };
  const job = {
    upstream,
    request: modelRequest,
    stops: request.stop,
    customTools: new Set(
      (request.tools ?? []).flatMap((tool) => (tool.type === "custom" ? [tool.custom.name] : [])),
    ),
    onUsage: (usage: DoneChoice["usage"], outcome: "completed" | "failed" | "cut") =>
      deps.onUsage({
        purpose: "gateway",
        door: "chat",
        provider: upstream.upstream.id,
        model: upstream.model,
        entry: upstream.entry,
        usage,
        outcome,
        responseId: id,
        metadata: request.metadata ?? {},
      }),
  };
  const jobs = Array.from({ length: request.n ?? 1 }, () => job);
  if (request.stream) return streamed(request, frame, jobs, deps, exchange);
  const outcome = await runChoices({ jobs, listener: () => SILENT, nowMs: deps.nowMs }, exchange.signal);
  if (outcome.kind === "failed") throw outcome.error;
  exchange.json({
    ...frame,
    object: "chat.completion",
    model: outcome.choices[0]?.model ?? frame.model,
    choices: outcome.choices.map(wholeChoice),
    ...(outcome.usage === null ? {} : { usage: completionUsage(outcome.usage) }),
  });
}

const SILENT: ChoiceListener = { text: () => {}, callStarted: () => {}, callInput: () => {} };

function wholeChoice(choice: DoneChoice, index: number): object {
  const { text, refusal, calls, finish } = choice;
  return {
    index,
    message: {
      role: "assistant",
      content: text === "" && (calls.length > 0 || refusal !== null) ? null : text,
      refusal,
      annotations: [],
      ...(calls.length === 0 ? {} : { tool_calls: calls.map(wholeCall) }),
    },
    logprobs: null,
    finish_reason: finish,
  };
}

function wholeCall(call: ToolCall): object {
  return call.type === "function_call"
    ? { id: call.call_id, type: "function", function: { name: call.name, arguments: call.arguments } }
    : { id: call.call_id, type: "custom", custom: { name: call.name, input: call.input } };
}

async function streamed(
  request: ChatRequest,
  frame: object,
  jobs: Parameters<typeof runChoices>[0]["jobs"],
  deps: ChatDeps,
  exchange: Exchange,
): Promise<void> {
  const out = new LateStream(exchange);
  const withUsage = request.stream_options?.include_usage ?? false;
  const chunk = (choices: object[], usage: object | null = null) =>
    out.send({ ...frame, object: "chat.completion.chunk", choices, ...(withUsage ? { usage } : {}) });
  const begun = new Set<number>();
  const delta = async (index: number, fields: object) => {
    if (!begun.has(index)) {
      begun.add(index);
      await chunk([choiceDelta(index, { role: "assistant", content: "", refusal: null })]);
    }
    await chunk([choiceDelta(index, fields)]);
  };
  const listener = (index: number): ChoiceListener => {
    const types = new Map<number, ToolCall["type"]>();
    return {
      text: (content) => delta(index, { content }),
      callStarted(at, call) {
        types.set(at, call.type);
        return delta(index, { tool_calls: [{ index: at, ...startedCall(call) }] });
      },
      callInput: (at, piece) =>
        delta(index, { tool_calls: [{ index: at, ...callPiece(piece, types.get(at) ?? "function_call") }] }),
    };
  };
  const outcome = await runChoices({ jobs, listener, nowMs: deps.nowMs }, exchange.signal);
  if (outcome.kind === "failed") return out.fail(outcome.error);
  for (const [index, choice] of outcome.choices.entries()) {
    if (!begun.has(index)) await delta(index, {});
    await chunk([{ ...choiceDelta(index, {}), finish_reason: choice.finish }]);
  }
  if (withUsage) await chunk([], outcome.usage === null ? null : completionUsage(outcome.usage));
  await out.end();
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
