import type { ThreadGoal } from "@quire/protocol";
import { GOAL_STANDS, isStuck } from "../state/goal.ts";
import { tokensText } from "../text/amounts.ts";
import type { Span } from "../text/styled-line.ts";

/** Where it stands, and the tokens that it has used, of those that it may. */
export function goalSpan(goal: ThreadGoal | null): Span | null {
  if (goal === null) return null;
  const { status, tokensUsed, tokenBudget } = goal;
  const most = tokenBudget === null ? "" : ` of ${tokensText(tokenBudget)}`;
  const ink = isStuck(goal) ? "warn" : status === "active" ? "accent" : "muted";
  return { text: `goal ${GOAL_STANDS[status]} ${tokensText(tokensUsed)}${most}`, ink };
}
