import type { ErrorCode, ErrorInfo, ReasoningEffort, UserInput } from "@quire/protocol";
import type { ThreadBudget } from "../budget/turn-budget.ts";
import type { TurnContext, TurnSettings } from "./turn-context.ts";

type RoutedSettings = Partial<Pick<TurnSettings, "model" | "effort" | "contextWindow" | "outputLimit">>;

/** What was decided for one turn instead of the thread's own settings. */
export interface TurnRoute {
  readonly settings: RoutedSettings;
  readonly budget: ThreadBudget;
  /** What was decided and why, for people and the log; null when nothing was. */
  readonly reason: string | null;
  /** Another model of the same endpoint that goes on when a request fails for one of these codes. */
  readonly fallback: { readonly settings: RoutedSettings; readonly on: readonly ErrorCode[] } | null;
}

/** Decides for a turn by what the user asks, before it begins; a failure is the failure to start it. */
export type TurnRouter = (
  input: readonly UserInput[],
  effort: ReasoningEffort | null,
) => TurnRoute | Promise<TurnRoute>;

export const NO_ROUTE: TurnRoute = { settings: {}, budget: {}, reason: null, fallback: null };

/** The same turn with the other model, said in the log; null when this failure has no fallback, or it was used already. */
export function fallBack(turn: TurnContext, error: ErrorInfo): TurnContext | null {
  const { fallback } = turn.route;
  if (fallback === null || !fallback.on.includes(error.code) || turn.signal.aborted) return null;
  const settings = { ...turn.settings, ...fallback.settings };
  const { record, newId } = turn.parts;
  record.itemCompleted(turn.turnId, {
    type: "warning",
    id: newId(),
    code: "model_fallback",
    message: `${turn.settings.model} failed (${error.code}); ${settings.model} goes on, as the routing rules say.`,
  });
  return { ...turn, settings, route: { ...turn.route, fallback: null } };
}
