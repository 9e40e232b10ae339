import type { ModelRequest } from "@quire/models";
import type { RequestHead } from "@quire/protocol";
import { admitCall, type CallAdmission } from "../budget/admit-call.ts";
import type { CompactionCalls } from "../compaction/compact-history.ts";
import { callModel, type ModelCallOutcome } from "./call-model.ts";
import type { RequestEnd, TurnBill } from "./turn-bill.ts";
import type { TurnContext } from "./turn-context.ts";

/** One admitted call: made, entered in the books, and only then no longer set aside. */
export async function makeCall(
  turn: TurnContext,
  { request, expected, release }: Extract<CallAdmission, { kind: "admitted" }>,
): Promise<ModelCallOutcome> {
  try {
    turn.parts.record.requestHead(headOf(turn, request));
    const entry = turn.bill.begin({ ...request, effort: request.effort ?? null, expected });
    const outcome = await callModel(turn, request, entry);
    const end = endOf(outcome);
    turn.budget.record(end.usage);
    entry.ended(end);
    return outcome;
  } finally {
    release();
  }
}

function headOf({ turnId, baseInstructions, parts }: TurnContext, request: ModelRequest): RequestHead {
  return {
    turn_id: turnId,
    model: request.model,
    model_provider: parts.client.provider,
    instructions: request.instructions === baseInstructions ? null : request.instructions,
    parallel_tool_calls: request.parallelToolCalls,
    tools: [...request.tools],
  };
}

function endOf(outcome: ModelCallOutcome): RequestEnd {
  if (outcome.kind === "failed") return { usage: outcome.usage, responseId: null, error: outcome.error };
  const { usage, responseId } = outcome.completion;
  return { usage, responseId, error: null };
}

/** A summary by the model is a call like any other: within the budget, and on the bill. */
export function compactionCalls(turn: TurnContext): CompactionCalls {
  let made: { entry: ReturnType<TurnBill["begin"]>; release: () => void } | null = null;
  return {
    admit: async (request) => {
      const admission = await admitCall(turn, request);
      if (admission.kind === "refused") return admission;
      const { request: sent, expected, release } = admission;
      const effort = sent.effort ?? null;
      made = { entry: turn.bill.begin({ ...sent, effort, expected, purpose: "compaction" }), release };
      return admission;
    },
    retry: (error) => {
      if (!turn.retries.take()) return turn.retries.exhausted(error);
      made?.entry.attemptFailed(error);
      return null;
    },
    spend: (end) => {
      turn.budget.record(end.usage);
      made?.entry.ended(end);
      made?.release();
      made = null;
    },
  };
}
