import type { Purpose } from "@quire/ledger";
import type { ModelRequest } from "@quire/models";
import type { ErrorInfo, MessageItem } from "@quire/protocol";
import { admitCall } from "../budget/admit-call.ts";
import { billed } from "./billed-calls.ts";
import { readTextCall, type TextCall } from "./text-call.ts";
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
  const answer = await billed(
    turn,
    admission,
    async (request, entry) => {
      const signal = AbortSignal.any([turn.signal, question.signal]);
      const call = await readTextCall(turn.parts.client.stream(request, { signal }), (error) => {
        const last = turn.retries.take(error);
        if (last === null) entry.attemptFailed(error);
        return last;
      });
      return { end: call.end, outcome: answerOf(call, request.model) };
    },
    question.purpose,
  );
  return turn.parts.record.redact(answer);
}

function answerOf({ text, end: { error }, reachedLimit }: TextCall, model: string): SideAnswer {
  if (error === null) return { kind: "answer", text, model, cut: reachedLimit };
  // An answer that was cut by its bound is one, too.
  const isCut = error.code === "model_incomplete" && text !== "";
  return isCut ? { kind: "answer", text, model, cut: true } : { kind: "failed", error };
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
