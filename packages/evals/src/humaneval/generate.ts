import type { ModelClient } from "@quire/models";
import {
  type Cost,
  type ErrorInfo,
  type ReasoningEffort,
  type TokenUsage,
  textMessage,
} from "@quire/protocol";
import type { AnswerForm } from "./completion-text.ts";
import type { Problem } from "./problem.ts";
import type { GeneratedSample } from "./sample.ts";

const instructions = (language: string) =>
  `Complete the ${language} function. Answer with one code block that holds the whole function, its signature and the imports it needs, and nothing else: no tests, no examples, no words.`;

export interface GenerateOptions {
  readonly client: ModelClient;
  readonly answers: AnswerForm;
  readonly model: string;
  readonly effort?: ReasoningEffort | undefined;
  /** Samples per problem. */
  readonly n: number;
  /** Requests at the same time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly monotonicMs: () => number;
  readonly costOf: (usage: TokenUsage) => Cost;
  /** Samples of an earlier run, which are not asked for again. */
  readonly known: readonly GeneratedSample[];
  readonly onSample: (sample: GeneratedSample) => void;
}

/** A request that came to nothing, to be made again by the next run. */
export interface GenerationFailure {
  readonly task_id: string;
  readonly completion_id: number;
  readonly error: ErrorInfo;
}

/** After so many failures one after another nothing more is asked: a wrong key fails 164 times in the same way. */
const MOST_FAILURES_IN_A_ROW = 5;

/** Asks for the samples that are missing, first one for each problem, then the second. Never throws for an endpoint. */
export async function generateSamples(
  problems: Iterable<Problem>,
  options: GenerateOptions,
): Promise<GenerationFailure[]> {
  const all = [...problems];
  const known = new Set(options.known.map(({ task_id, completion_id }) => `${completion_id} ${task_id}`));
  const wanted = Array.from({ length: options.n }, (_, id) => all.map((problem) => ({ problem, id })))
    .flat()
    .filter(({ problem, id }) => !known.has(`${id} ${problem.task_id}`))
    .values();
  const failures: GenerationFailure[] = [];
  let inARow = 0;
  const work = async (): Promise<void> => {
    for (const { problem, id } of wanted) {
      if (options.signal.aborted || inARow >= MOST_FAILURES_IN_A_ROW) return;
      const outcome = await ask(problem, id, options);
      if ("error" in outcome) {
        inARow += 1;
        failures.push({ task_id: problem.task_id, completion_id: id, error: outcome.error });
      } else {
        inARow = 0;
        options.onSample(outcome);
      }
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return failures;
}

async function ask(
  problem: Problem,
  id: number,
  options: GenerateOptions,
): Promise<GeneratedSample | { error: ErrorInfo }> {
  const { client, answers, model, effort, signal } = options;
  const started = options.monotonicMs();
  const request = {
    model,
    instructions: instructions(answers.language),
    input: [textMessage("user", problem.prompt)],
    tools: [],
    parallelToolCalls: false,
    promptCacheKey: `eval-${problem.task_id}-${id}`,
    ...(effort === undefined ? {} : { effort }),
  };
  let text = "";
  for await (const event of client.stream(request, { signal })) {
    if (event.type === "retrying") text = "";
    if (event.type === "item_done" && event.item.type === "message") text += textOf(event.item.content);
    if (event.type === "failed") return { error: event.error };
    if (event.type === "completed") {
      const { usage } = event.completion;
      const cost = usage === null ? null : options.costOf(usage);
      return {
        task_id: problem.task_id,
        completion: answers.completionOf(text, problem),
        completion_id: id,
        model: event.completion.model ?? model,
        usage,
        usd: cost?.kind === "known" ? cost.usd : null,
        seconds: (options.monotonicMs() - started) / 1000,
      };
    }
  }
  return {
    error: { code: "model_stream_cut", message: "the answer ended without an end", retryable: true },
  };
}

function textOf(content: readonly { readonly type: string; readonly text?: unknown }[]): string {
  return content.map(({ text }) => (typeof text === "string" ? text : "")).join("");
}
