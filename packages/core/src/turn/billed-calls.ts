import type { Purpose } from "@quire/ledger";
import type { ModelRequest } from "@quire/models";
import type { RequestHead } from "@quire/protocol";
import { admitCall, type CallAdmission } from "../budget/admit-call.ts";
import type { CompactionCalls } from "../compaction/compact-history.ts";
import { callModel, type ModelCallOutcome } from "./call-model.ts";
import type { RequestEnd, TurnBill } from "./turn-bill.ts";
import type { TurnContext } from "./turn-context.ts";

type AdmittedCall = Extract<CallAdmission, { kind: "admitted" }>;
type BillEntry = ReturnType<TurnBill["begin"]>;

function beginEntry(turn: TurnContext, { request, expected }: AdmittedCall, purpose?: Purpose): BillEntry {
  const effort = request.effort ?? null;
  return turn.bill.begin({ ...request, effort, expected, ...(purpose === undefined ? {} : { purpose }) });
}

/** One admitted call: made, entered in the books, and only then no longer set aside. */
export async function billed<T>(
  turn: TurnContext,
  admitted: AdmittedCall,
  make: (request: ModelRequest, entry: BillEntry) => Promise<{ end: RequestEnd; outcome: T }>,
  purpose?: Purpose,
): Promise<T> {
  try {
    const entry = beginEntry(turn, admitted, purpose);
    const { end, outcome } = await make(admitted.request, entry);
    turn.budget.record(end.usage);
    entry.ended(end);
    return outcome;
  } finally {
    admitted.release();
  }
}

/** A call of the conversation itself. */
export function makeCall(turn: TurnContext, admitted: AdmittedCall): Promise<ModelCallOutcome> {
  return billed(turn, admitted, async (request, entry) => {
    turn.parts.record.requestHead(headOf(turn, request));
    const outcome = await callModel(turn, request, entry);
    return { end: endOf(outcome), outcome };
  });
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
  let made: { entry: BillEntry; release: () => void } | null = null;
  return {
    admit: async (request) => {
      const admission = await admitCall(turn, request);
      if (admission.kind === "refused") return admission;
      made = { entry: beginEntry(turn, admission, "compaction"), release: admission.release };
      return admission;
    },
    retry: (error) => {
      const last = turn.retries.take(error);
      if (last === null) made?.entry.attemptFailed(error);
      return last;
    },
    spend: (end) => {
      turn.budget.record(end.usage);
      made?.entry.ended(end);
      made?.release();
      made = null;
    },
  };
}
