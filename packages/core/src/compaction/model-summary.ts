import type { ModelEvent, ModelRequest } from "@quire/models";
import { type ErrorInfo, textMessage } from "@quire/protocol";
import { readTextCall } from "../turn/text-call.ts";
import type { RequestEnd } from "../turn/turn-bill.ts";
import type { Compactor, CompactorInput, CompactorOutcome } from "./compactor.ts";

/** Asks for the summary; `compact_prompt` of the configuration takes its place. */
const COMPACTION_PROMPT = `The conversation is about to be shortened. Everything above leaves your view, except the user's messages, the plan and the project's rules, which stay word for word. Write the summary from which you will go on with the task, without calling any tool:
- what the task is and how far it has come; what is done and how it was verified;
- what you learned that took effort: where things are, how they work, why something failed;
- what you decided and why, and what you tried and gave up;
- what exactly comes next.
Name files, functions, commands and values precisely. Do not repeat code that can be read again. Be brief: 600 words at most.`;

export interface ModelCompactorDeps {
  /** Passes every event of the call on, for readers to see retries. */
  onEvent: (event: ModelEvent) => void;
  stream: (request: ModelRequest, options: { signal: AbortSignal }) => AsyncIterable<ModelEvent>;
  /** Decides about the call before it is made: the request to send, or why it is not sent. */
  admit: (
    request: ModelRequest,
  ) => Promise<{ kind: "admitted"; request: ModelRequest } | { kind: "refused"; error: ErrorInfo }>;
  /** Told of an attempt that failed and would be made again; an error ends the call instead. */
  retry: (error: ErrorInfo) => ErrorInfo | null;
  /** Bills the call, however it ended. */
  spend: (end: RequestEnd) => void;
  /** Tokens; null where unknown. */
  contextWindow: number | null;
  estimate: (request: ModelRequest) => number;
  prompt: string | null;
  timeLimitMs: number;
}

/** Room that the summary itself needs in the window. */
const ROOM_FOR_SUMMARY = 2000;

/**
 * Lets the thread's own model write the summary, in a call of its own that begins with the bytes of the calls before it, so
 * that it is read from the provider's cache. Calls of tools in the answer are passed over.
 */
export function modelCompactor(deps: ModelCompactorDeps): Compactor {
  return {
    name: "model",
    async summarise(input, { signal }) {
      const request = withPrompt(input, deps.prompt ?? COMPACTION_PROMPT);
      const needed = deps.estimate(request) + ROOM_FOR_SUMMARY;
      if (deps.contextWindow !== null && needed > deps.contextWindow) {
        const message = `the model cannot read all of it: it takes about ${needed} tokens and the window has ${deps.contextWindow}`;
        return { kind: "failed", error: { code: "context_too_long", message, retryable: false } };
      }
      const admission = await deps.admit(request);
      if (admission.kind === "refused") return { kind: "failed", error: admission.error };
      return ask(admission.request, deps, signal);
    },
  };
}

function withPrompt(input: CompactorInput, prompt: string): ModelRequest {
  const wish = input.instructions === null ? "" : `\n\nThe user asks you to heed: ${input.instructions}`;
  const { outputSchema: _, ...request } = input.request;
  return { ...request, input: [...request.input, textMessage("user", prompt + wish)] };
}

async function ask(
  request: ModelRequest,
  deps: ModelCompactorDeps,
  signal: AbortSignal,
): Promise<CompactorOutcome> {
  const limit = AbortSignal.timeout(deps.timeLimitMs);
  const events = deps.stream(request, { signal: AbortSignal.any([signal, limit]) });
  let last: ErrorInfo | null = null;
  const retry = (error: ErrorInfo) => {
    last = deps.retry(error);
    return last;
  };
  const { text, end } = await readTextCall(events, retry, deps.onEvent);
  deps.spend(end);
  if (end.error !== null) {
    const isLate = last === null && limit.aborted && !signal.aborted;
    return { kind: "failed", error: isLate ? tooSlow(deps) : end.error };
  }
  return text.trim() === "" ? { kind: "failed", error: noSummary() } : { kind: "summary", text };
}

function noSummary(): ErrorInfo {
  return { code: "model_incomplete", message: "the model wrote no summary", retryable: true };
}

function tooSlow({ timeLimitMs }: ModelCompactorDeps): ErrorInfo {
  const seconds = Math.round(timeLimitMs / 1000);
  return {
    code: "model_stalled",
    message: `the model wrote no summary within ${seconds} s`,
    retryable: true,
  };
}
