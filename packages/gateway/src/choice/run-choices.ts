import { addUsage, type TokenUsage } from "@quire/protocol";
import { type ApiError, apiErrorOf } from "../http/api-error.ts";
import { type ChoiceJob, type ChoiceListener, type ChoiceOutcome, runChoice } from "./run-choice.ts";

export type DoneChoice = Extract<ChoiceOutcome, { kind: "done" }>;

export interface ChoicesRequest {
  /** One job for each choice; each is a call of its own. Null: nothing is to be written, so nothing is asked. */
  jobs: readonly (Omit<ChoiceJob, "listener"> | null)[];
  listener: (index: number) => ChoiceListener;
  nowMs: () => number;
}

/** Calls to a provider that one request may have open at one time. */
const PARALLEL_CALLS = 4;

const NOTHING: DoneChoice = Object.freeze({
  kind: "done",
  text: "",
  refusal: null,
  calls: [],
  tokens: [],
  finish: "length",
  usage: null,
  model: null,
});

/** Runs the choices of one request. The first to fail ends the others, and its error is that of the request. */
export async function runChoices(
  request: ChoicesRequest,
  signal: AbortSignal,
): Promise<
  { kind: "done"; choices: DoneChoice[]; usage: TokenUsage | null } | { kind: "failed"; error: ApiError }
> {
  const rest = new AbortController();
  const either = AbortSignal.any([signal, rest.signal]);
  const choices: DoneChoice[] = [];
  let error: ApiError | null = null;
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < request.jobs.length && error === null; index = next++) {
      const job = request.jobs[index];
      if (job === undefined) return;
      if (job === null) {
        choices[index] = NOTHING;
        continue;
      }
      const outcome = await runChoice({ ...job, listener: request.listener(index) }, either);
      if (outcome.kind === "done") choices[index] = outcome;
      else {
        error ??= apiErrorOf(outcome.error, request.nowMs());
        rest.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, request.jobs.length) }, worker));
  if (error !== null) return { kind: "failed", error };
  return { kind: "done", choices, usage: total(choices) };
}

/** Unknown as soon as one part is. */
function total(choices: readonly DoneChoice[]): TokenUsage | null {
  let sum: TokenUsage | null = null;
  for (const [index, { usage }] of choices.entries()) {
    if (usage === null) return null;
    sum = index === 0 || sum === null ? usage : addUsage(sum, usage);
  }
  return sum;
}

/** As the chat and text completion endpoints say it. */
export function completionUsage(usage: TokenUsage): object {
  return {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.input_tokens + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cached_input_tokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
  };
}
