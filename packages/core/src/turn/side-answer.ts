import type { Purpose } from "@quire/ledger";
import type { ModelEvent, ModelRequest } from "@quire/models";
import { CodedError, type ErrorInfo, type MessageItem, messageText } from "@quire/protocol";
import { admitCall } from "../budget/admit-call.ts";
import type { RequestEnd } from "./turn-bill.ts";
import type { TurnContext } from "./turn-context.ts";

/** Words that are none of the conversation's, for the model of the thread. It is offered no tools. */
export interface SideQuestion {
  readonly instructions: string;
  readonly input: readonly MessageItem[];
  readonly maxOutputTokens: number;
  /** For the bill. */
  readonly purpose: Purpose;
  readonly signal: AbortSignal;
}

/** `cut`: the answer reached its bound. */
export type SideAnswer =
  | { readonly kind: "answer"; readonly text: string; readonly model: string; readonly cut: boolean }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

/** Asks the model of a turn beside its conversation: within the turn's limits, on its bill, and without secrets. */
export async function answerBeside(turn: TurnContext, question: SideQuestion): Promise<SideAnswer> {
  const admission = await admitCall(turn, turn.parts.record.redact(requestOf(turn, question)));
  if (admission.kind === "refused") return { kind: "failed", error: admission.error };
  const { request, expected, release } = admission;
  try {
    const effort = request.effort ?? null;
    const entry = turn.bill.begin({ ...request, effort, expected, purpose: question.purpose });
    const { end, answer } = await ask(turn, request, question.signal, entry);
    turn.budget.record(end.usage);
    entry.ended(end);
    return turn.parts.record.redact(answer);
  } finally {
    release();
  }
}

function requestOf({ settings, parts }: TurnContext, question: SideQuestion): ModelRequest {
  const { instructions, input, maxOutputTokens } = question;
  return {
    model: settings.model,
    instructions,
    input: [...input],
    tools: [],
    parallelToolCalls: false,
    ...(settings.effort === null ? {} : { effort: settings.effort }),
    reasoningSummary: "none",
    promptCacheKey: `${parts.record.threadId}:beside`,
    maxOutputTokens: Math.min(maxOutputTokens, settings.maxOutputTokens ?? maxOutputTokens),
  };
}

async function ask(
  { parts, signal, retries }: TurnContext,
  request: ModelRequest,
  until: AbortSignal,
  entry: { attemptFailed: (error: ErrorInfo) => void },
): Promise<{ end: RequestEnd; answer: SideAnswer }> {
  let text = "";
  const failed = (error: ErrorInfo, usage: RequestEnd["usage"]) => ({
    end: { usage, responseId: null, error },
    answer: { kind: "failed", error } as const,
  });
  const answered = (cut: boolean) => ({ kind: "answer", text, model: request.model, cut }) as const;
  for await (const event of parts.client.stream(request, { signal: AbortSignal.any([signal, until]) })) {
    switch (event.type) {
      case "retrying":
        if (!retries.take()) return failed(retries.exhausted(event.error), null);
        entry.attemptFailed(event.error);
        text = "";
        break;
      case "item_done":
        text += wordsOf(event);
        break;
      case "completed": {
        const { usage, responseId, reachedLimit = false } = event.completion;
        return { end: { usage, responseId, error: null }, answer: answered(reachedLimit) };
      }
      case "failed":
        // An answer that was cut by its bound is one, too.
        if (event.error.code !== "model_incomplete" || text === "") return failed(event.error, event.usage);
        return { end: failed(event.error, event.usage).end, answer: answered(true) };
      default:
    }
  }
  throw new CodedError("internal", "the model client ended its stream without saying how");
}

function wordsOf({ item }: Extract<ModelEvent, { type: "item_done" }>): string {
  return item.type === "message" && item.role === "assistant" ? messageText(item) : "";
}
