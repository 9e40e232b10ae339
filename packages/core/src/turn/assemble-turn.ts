import { setMaxListeners } from "node:events";
import { BudgetGuard } from "../budget/budget-guard.ts";
import type { RequestForecast } from "../budget/request-forecast.ts";
import type { Spent } from "../budget/spent.ts";
import { smaller } from "../budget/turn-budget.ts";
import type { TokenMeter } from "../context/token-meter.ts";
import { toolsForGoal } from "../goals/goal-tools.ts";
import type { GoalTurn } from "../goals/goal-turn.ts";
import type { ThreadGoals } from "../goals/thread-goals.ts";
import type { ThreadParts, TurnOptions } from "../thread/thread.ts";
import type { ThreadRecord } from "../thread/thread-record.ts";
import { RETRIES_PER_TURN, RetryBudget } from "./retry-budget.ts";
import { RuleWatch } from "./rule-watch.ts";
import { TurnBill } from "./turn-bill.ts";
import { MAIN_AGENT, type TurnContext, type TurnSettings } from "./turn-context.ts";
import type { TurnRoute } from "./turn-route.ts";

/** What all turns of a thread share. */
export interface TurnHome {
  readonly parts: ThreadParts;
  readonly record: ThreadRecord;
  readonly meter: TokenMeter;
  readonly goals: ThreadGoals;
  readonly forecast: RequestForecast;
  /** The instructions that the log names for the whole thread. */
  readonly baseInstructions: string | null;
}

/** What one turn is made of. */
export interface TurnStart {
  readonly turnId: string;
  readonly options: TurnOptions;
  readonly route: TurnRoute;
  /** False for work that is no conversation with the model: no rule and no goal watches it. */
  readonly isConversation: boolean;
  /** Aborts the turn as the user would. */
  readonly controller: AbortController;
}

/** Brings together what the loop needs for one turn; nothing runs yet. */
export function assembleTurn(home: TurnHome, start: TurnStart): TurnContext {
  const { parts, record, meter, goals, baseInstructions } = home;
  const { turnId, options, route, controller } = start;
  const settings: TurnSettings = Object.freeze({
    ...options.settings,
    ...route.settings,
    outputSchema: options.outputSchema ?? null,
  });
  const isPlanned = settings.planMode === true;
  const modelSetsGoals = parts.modelSetsGoals ?? false;
  const goalTools = async () => (isPlanned ? [] : await toolsForGoal(goals, modelSetsGoals, turnId));
  const ruleWatch = start.isConversation ? watchRules(settings, parts) : null;
  // A goal that is set while a turn runs is worked towards from the next one on.
  const watchesGoal = start.isConversation && !isPlanned && (goals.isActive || modelSetsGoals);
  return {
    turnId,
    settings,
    threadSettings: options.settings,
    route,
    parts: { ...parts, record, meter, goalTools },
    baseInstructions,
    ...signals(options, controller),
    warnings: [...(options.warnings ?? []), ...routeNote(route)],
    inForeground: new Set<string>(),
    budget: budgetOf(home, start, settings),
    retries: new RetryBudget(parts.limits?.retriesPerTurn ?? RETRIES_PER_TURN),
    bill: billOf(home, turnId, settings),
    ...(ruleWatch === null ? {} : { ruleWatch }),
    ...(watchesGoal ? { watchGoal: () => watchGoal(home, turnId) } : {}),
    followsGoal: options.followsGoal === true,
    ...(options.approves === undefined ? {} : { approves: options.approves }),
  };
}

function signals(
  { signal, budget }: TurnOptions,
  controller: AbortController,
): Pick<TurnContext, "signal" | "interrupt" | "interruptedByUser"> {
  const byUser = signal ? [signal, controller.signal] : [controller.signal];
  const all = AbortSignal.any([...byUser, ...(budget?.deadline ? [budget.deadline.signal] : [])]);
  // Each of the calls that run beside each other listens; that many is no leak.
  setMaxListeners(0, all);
  return {
    signal: all,
    interrupt: () => controller.abort(),
    interruptedByUser: () => byUser.some(({ aborted }) => aborted),
  };
}

function budgetOf(home: TurnHome, { options, route }: TurnStart, settings: TurnSettings): BudgetGuard {
  const { limits, priceOf } = home.parts;
  const ofTurn = smaller(smaller(options.budget ?? {}, limits?.turn ?? {}), route.budget);
  return new BudgetGuard(ofTurn, {
    priceOf,
    contextWindow: settings.contextWindow,
    outputLimit: settings.outputLimit ?? null,
    forecast: home.forecast,
    thread: { budget: limits?.thread ?? {}, before: spentBefore(home, settings.model) },
    ...(options.outer ? { outer: options.outer } : {}),
  });
}

/** A cost is unknown when only the price of cached input is; at the full price it is bounded. */
function spentBefore({ record, parts }: TurnHome, model: string): Spent {
  const { usage, cost } = record;
  const most = parts.priceOf({ ...usage, cached_input_tokens: 0 }, model);
  return { usage, cost, atMostUsd: most.kind === "known" ? most.usd : null };
}

function billOf({ parts, record }: TurnHome, turnId: string, settings: TurnSettings): TurnBill {
  const { books = null, client, priceOf, now, onSpent } = parts;
  return new TurnBill(turnId, {
    record,
    books,
    agent: settings.agent ?? MAIN_AGENT,
    provider: client.provider,
    priceOf,
    now,
    contextWindow: settings.contextWindow,
    ...(onSpent === undefined ? {} : { onSpent }),
  });
}

/** Loaded where there is something to watch, so that a thread without a goal does not pay for it. */
async function watchGoal({ parts, goals, record }: TurnHome, turnId: string): Promise<GoalTurn> {
  const { GoalTurn: Watch } = await import("../goals/goal-turn.ts");
  const { monotonicMs } = parts;
  return new Watch({ goals, turnId, monotonicMs, tell: (item) => record.addHistory([item]) });
}

function watchRules({ ruleBook }: TurnSettings, parts: ThreadParts): RuleWatch | null {
  if (ruleBook === undefined || ruleBook.rules.length === 0) return null;
  const { workTree = null, policy, now } = parts;
  return new RuleWatch({ rules: ruleBook.rules, workTree, commands: policy.commands, now });
}

function routeNote({ reason }: TurnRoute): { code: string; message: string }[] {
  return reason === null ? [] : [{ code: "model_routed", message: reason }];
}
