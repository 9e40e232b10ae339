import { LateStream } from "../choice/late-stream.ts";
import type { ChoiceListener, ChoiceOutcome } from "../choice/run-choice.ts";
import { completionUsage, type DoneChoice, runChoices } from "../choice/run-choices.ts";
import { refusedParameter } from "../http/api-error.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/router.ts";
import type { ModelRouter } from "../upstream/model-router.ts";
import type { OnUsage } from "../upstream/usage-record.ts";
import { parseRequest } from "../wire/parse-request.ts";
import { completionModelRequest, refuseUnsupportedCompletion } from "./completion-model-request.ts";
import { type CompletionRequest, CompletionRequestSchema, promptsOf } from "./completion-request.ts";

export interface CompletionDeps {
  router: ModelRouter;
  nowMs: () => number;
  randomName: () => string;
  onUsage: OnUsage;
}

/** `/v1/completions`. */
export function completionRoutes(deps: CompletionDeps): Route[] {
  return [{ method: "POST", path: "/v1/completions", handle: (exchange) => complete(deps, exchange) }];
}

async function complete(deps: CompletionDeps, exchange: Exchange): Promise<void> {
  const request = parseRequest(CompletionRequestSchema, await exchange.body());
  const upstream = await deps.router.resolve(request.model, "completions");
  refuseUnsupportedCompletion(request, upstream);
  const prompts = promptsOf(request);
  if (prompts === null)
    throw refusedParameter("prompt", "Prompts are text here: tokens differ between providers.");
  const id = `cmpl-${deps.randomName()}`;
  const n = request.n ?? 1;
  const onUsage = (usage: DoneChoice["usage"], outcome: "completed" | "failed" | "cut") =>
    deps.onUsage({
      purpose: "gateway",
      door: "completions",
      provider: upstream.upstream.id,
      model: upstream.model,
      entry: upstream.entry,
      usage,
      outcome,
      responseId: id,
      metadata: {},
    });
  const calls = prompts.flatMap((prompt) => {
    const modelRequest = completionModelRequest(request, prompt, { upstream, id });
    const job = {
      upstream,
      request: modelRequest,
      stops: request.stop,
      customTools: new Set<string>(),
      onUsage,
    };
    return Array.from({ length: n }, () => ({ echo: request.echo ? prompt : "", job }));
  });
  const frame = {
    id,
    object: "text_completion",
    created: Math.floor(deps.nowMs() / 1000),
    model: upstream.model,
    system_fingerprint: null,
  };
  // Nothing is to be written: what is asked for is the prompt, if that.
  const work = request.max_tokens === 0 ? [] : calls.map(({ job }) => job);
  const echoes = calls.map(({ echo }) => echo);
  if (request.stream) return streamed({ request, frame, work, echoes }, deps, exchange);
  const outcome = await runChoices(
    { jobs: work, listener: () => SILENT, nowMs: deps.nowMs },
    exchange.signal,
  );
  if (outcome.kind === "failed") throw outcome.error;
  exchange.json({
    ...frame,
    model: outcome.choices[0]?.model ?? frame.model,
    choices: echoes.map((echo, index) => {
      const choice = outcome.choices[index];
      return textChoice(
        index,
        echo + (choice?.text ?? ""),
        choice === undefined ? "length" : finishOf(choice),
      );
    }),
    ...(outcome.usage === null ? {} : { usage: completionUsage(outcome.usage) }),
  });
}

const SILENT: ChoiceListener = { text: () => {}, callStarted: () => {}, callInput: () => {} };

interface Streaming {
  request: CompletionRequest;
  frame: object;
  work: Parameters<typeof runChoices>[0]["jobs"];
  echoes: readonly string[];
}

async function streamed(job: Streaming, deps: CompletionDeps, exchange: Exchange): Promise<void> {
  const out = new LateStream(exchange);
  const withUsage = job.request.stream_options?.include_usage ?? false;
  const chunk = (choices: object[], usage: object | null = null) =>
    out.send({ ...job.frame, choices, ...(withUsage ? { usage } : {}) });
  const echoed = new Set<number>();
  const echo = async (index: number) => {
    if (echoed.has(index)) return;
    echoed.add(index);
    const text = job.echoes[index] ?? "";
    if (text !== "") await chunk([textChoice(index, text, null)]);
  };
  const listener = (index: number): ChoiceListener => ({
    ...SILENT,
    async text(piece) {
      await echo(index);
      await chunk([textChoice(index, piece, null)]);
    },
  });
  const outcome = await runChoices({ jobs: job.work, listener, nowMs: deps.nowMs }, exchange.signal);
  if (outcome.kind === "failed") return out.fail(outcome.error);
  for (const index of job.echoes.keys()) {
    await echo(index);
    const choice = outcome.choices[index];
    await chunk([textChoice(index, "", choice === undefined ? "length" : finishOf(choice))]);
  }
  if (withUsage) await chunk([], outcome.usage === null ? null : completionUsage(outcome.usage));
  await out.end();
}

function textChoice(index: number, text: string, finish: string | null): object {
  return { text, index, logprobs: null, finish_reason: finish };
}

/** This endpoint knows no tools; a call that a model makes all the same ends the text. */
function finishOf({ finish }: Extract<ChoiceOutcome, { kind: "done" }>): string {
  return finish === "tool_calls" ? "stop" : finish;
}
