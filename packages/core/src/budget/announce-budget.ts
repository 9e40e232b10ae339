import type { ModelRequest } from "@quire/models";
import type { BudgetState } from "@quire/protocol";
import type { TurnContext } from "../turn/turn-context.ts";
import type { Expected } from "./request-forecast.ts";

/** A call that is about to be made, or is in progress. */
export interface CallInProgress {
  readonly request: ModelRequest;
  readonly expected: Expected;
}

/** Tells readers how the limits stand; nothing where there are none. */
export function announceBudget(turn: TurnContext, call: CallInProgress | null): void {
  const { record, budgetBook } = turn.parts;
  const shared = (budgetBook?.state() ?? []).map(
    ({ scope, unit, allowed, used, reserved }): BudgetState => ({
      scope,
      unit,
      limit: allowed,
      spent: used,
      reserved,
    }),
  );
  const budgets = [...turn.budget.states(turn.bill, call), ...shared];
  if (budgets.length === 0) return;
  const at = { threadId: record.threadId, turnId: turn.turnId };
  record.publish({ method: "thread/budget/updated", params: { ...at, budgets } });
}
