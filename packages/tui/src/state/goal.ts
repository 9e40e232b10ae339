import type { GoalStatus, ThreadGoal } from "@quire/protocol";
import type { NotificationParams } from "@quire/protocol/app-server";
import { noticed, quiet, type Step } from "./step.ts";
import type { ThreadState } from "./thread-state.ts";

/** Where a goal stands, in words. */
export const GOAL_STANDS: Readonly<Record<GoalStatus, string>> = {
  active: "active",
  paused: "paused",
  blocked: "blocked",
  usageLimited: "stopped by a limit",
  budgetLimited: "out of tokens",
  complete: "complete",
};

/** It goes on no more, and nobody said that it should not. */
export function isStuck({ status }: ThreadGoal): boolean {
  return status === "blocked" || status === "usageLimited" || status === "budgetLimited";
}

/** Characters of an objective that are said when it changes: it may be as long as a page. */
const SHOWN_OBJECTIVE = 200;

/** Said when it is another goal or stands differently; that tokens were used is seen in the status line. */
export function goalUpdated(state: ThreadState, { goal }: NotificationParams<"thread/goal/updated">): Step {
  const next = { ...state, goal };
  const before = state.goal;
  if (before?.status === goal.status && before.objective === goal.objective) return quiet(next);
  const why = goal.reason ? `: ${goal.reason}` : "";
  const words = `Goal ${GOAL_STANDS[goal.status]}${why} · ${shortObjective(goal)}`;
  return noticed(next, isStuck(goal) ? "warn" : "quiet", words);
}

export function goalCleared(state: ThreadState): Step {
  if (state.goal === null) return quiet(state);
  return noticed({ ...state, goal: null }, "quiet", "The goal was cleared.");
}

function shortObjective({ objective }: ThreadGoal): string {
  const line = objective.replace(/\s+/g, " ");
  return line.length <= SHOWN_OBJECTIVE ? line : `${line.slice(0, SHOWN_OBJECTIVE)}…`;
}
