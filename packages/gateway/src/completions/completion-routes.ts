import {
  answerChoices,
  type ChoiceDeps,
  type ChoiceDialect,
  type ChoiceStream,
  frameOf,
  usageTeller,
} from "../choice/choice-endpoint.ts";
import { likeliest } from "../choice/likeliest.ts";
import type { DoneChoice } from "../choice/run-choices.ts";
import { refusedParameter } from "../http/api-error.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { TokenLists } from "./completion-logprobs.ts";
import { completionModelRequest, refuseUnsupportedCompletion } from "./completion-model-request.ts";
import { type CompletionRequest, CompletionRequestSchema, promptsOf } from "./completion-request.ts";

/** `/v1/completions`. */
export function completionRoutes(deps: ChoiceDeps): Route[] {
  return [{ method: "POST", path: "/v1/completions", handle: (exchange) => complete(deps, exchange) }];
}

async function complete(deps: ChoiceDeps, exchange: Exchange): Promise<void> {
  const request = parseRequest(CompletionRequestSchema, await exchange.body());
  const upstream = await deps.router.resolve(request.model, "completions");
  refuseUnsupportedCompletion(request, upstream);
  const prompts = promptsOf(request);
  if (prompts === null)
    throw refusedParameter("prompt", "Prompts are text here: tokens differ between providers.");
  const id = `cmpl-${deps.randomName()}`;
  const onUsage = usageTeller({ door: "completions", responseId: id, metadata: {} }, upstream, deps);
  const n = request.n ?? 1;
  const attempts = request.best_of ?? n;
  const jobs = prompts.flatMap((prompt) => {
    const modelRequest = completionModelRequest(request, prompt, { upstream, id });
    const customTools = new Set<string>();
    const job = { upstream, request: modelRequest, stops: request.stop, customTools, onUsage };
    // Without a single token to write what is asked for is the prompt, if that.
    return Array.from({ length: attempts }, () => (request.max_tokens === 0 ? null : job));
  });
  const echoes = prompts.flatMap((prompt) => Array.from({ length: n }, () => (request.echo ? prompt : "")));
  const plan = {
    frame: frameOf(id, upstream, deps),
    jobs,
    select: (choices: readonly DoneChoice[]) => likeliest(choices, { of: attempts, keep: n }),
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
  await answerChoices(plan, textDialect(request, echoes), exchange, deps);
}

function textDialect(request: CompletionRequest, echoes: readonly string[]): ChoiceDialect {
  const lists = () => (typeof request.logprobs === "number" ? new TokenLists(request.logprobs > 0) : null);
  return {
    whole: "text_completion",
    chunk: "text_completion",
    choice(choice, index) {
      const text = (echoes[index] ?? "") + choice.text;
      return textChoice(index, text, finishOf(choice), lists()?.of(choice.tokens) ?? null);
    },
    stream: (index, send) => streamedText(index, echoes[index] ?? "", send, lists()),
  };
}

function streamedText(
  index: number,
  prompt: string,
  send: (choice: object) => Promise<void>,
  lists: TokenLists | null,
): ChoiceStream {
  let echoed = prompt === "";
  const echo = async () => {
    if (echoed) return;
    echoed = true;
    await send(textChoice(index, prompt, null));
  };
  return {
    async text(piece, tokens) {
      await echo();
      await send(textChoice(index, piece, null, lists?.of(tokens) ?? null));
    },
    callStarted: () => {},
    callInput: () => {},
    async ended(choice) {
      await echo();
      await send(textChoice(index, "", finishOf(choice)));
    },
  };
}

function textChoice(
  index: number,
  text: string,
  finish: string | null,
  logprobs: object | null = null,
): object {
  return { text, index, logprobs, finish_reason: finish };
}

/** This endpoint knows no tools; a call that a model makes all the same ends the text. */
function finishOf({ finish }: DoneChoice): string {
  return finish === "tool_calls" ? "stop" : finish;
}
