import type { ThreadGoal } from "@quire/protocol";
import { GOAL_STANDS, isStuck } from "../state/goal.ts";
import { goalTokensText } from "../text/amounts.ts";
import type { Span } from "../text/styled-line.ts";

/** Where it stands, and the tokens that it has used, of those that it may. */
export function goalSpan(goal: ThreadGoal | null): Span | null {
  if (goal === null) return null;
  const { status } = goal;
  const ink = isStuck(goal) ? "warn" : status === "active" ? "accent" : "muted";
  return { text: `goal ${GOAL_STANDS[status]} ${goalTokensText(goal)}`, ink };
}
