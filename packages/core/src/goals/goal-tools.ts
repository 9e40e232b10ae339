import type { Tool } from "@quire/tools";
import type { GoalPort } from "@quire/tools/goals";
import type { ThreadGoals } from "./thread-goals.ts";

/** Nothing in a thread without a goal: what is not used costs no byte of a request, and is not loaded. */
export async function toolsForGoal(
  goals: ThreadGoals,
  modelSetsGoals: boolean,
  turnId: string,
): Promise<Tool[]> {
  const hasGoal = goals.current !== null && goals.current.status !== "complete";
  if (!hasGoal && !modelSetsGoals) return [];
  const { createCreateGoalTool, createGoalTools } = await import("@quire/tools/goals");
  const port: GoalPort = {
    current: () => goals.current,
    create: (objective, tokenBudget) =>
      goals.set({ objective, ...(tokenBudget === null ? {} : { tokenBudget }) }, turnId),
    end: (status, reason) => goals.become(status, turnId, reason),
  };
  return [...createGoalTools(port), ...(modelSetsGoals ? [createCreateGoalTool(port)] : [])];
}
