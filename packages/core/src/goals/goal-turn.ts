import { createHash, type Hash } from "node:crypto";
import { type ErrorInfo, groupedDigits, type ThreadItem, textMessage } from "@quire/protocol";
import { GOAL_TOOL_NAMES } from "@quire/tools/goals";
import type { Progress } from "../turn/turn-task.ts";
import { wrapUpText } from "./goal-text.ts";
import type { ThreadGoals } from "./thread-goals.ts";

/** Requests that a turn may still make when the goal's tokens are used up. */
const WRAP_UP_REQUESTS = 3;
/** Turns in a row that brought a goal no nearer, after which nobody waits for the next. */
const MOST_IDLE_TURNS = 3;

export interface GoalTurnParts {
  goals: ThreadGoals;
  turnId: string;
  monotonicMs: () => number;
  /** Adds to what the model sees. */
  tell: (item: ReturnType<typeof textMessage>) => void;
}

/** Watches one turn for the goal: what it uses, whether it gets anywhere, and what its end means for the goal. */
export class GoalTurn {
  readonly #parts: GoalTurnParts;
  readonly #startedMs: number;
  readonly #work: Hash = createHash("sha256");
  #calls = 0;
  #wrapUpLeft: number | null = null;

  constructor(parts: GoalTurnParts) {
    this.#parts = parts;
    this.#startedMs = parts.monotonicMs();
  }

  /** Takes in what was done. Ids and times are left out: doing the same again is the same work. */
  completed(item: ThreadItem): void {
    const work = workOf(item);
    if (work === null) return;
    this.#calls += 1;
    this.#work.update(JSON.stringify(work));
  }

  /** Before each request; an error ends the turn. */
  beforeCall(): ErrorInfo | null {
    const { goals, turnId, tell } = this.#parts;
    const goal = goals.current;
    if (goal === null) return null;
    if (this.#wrapUpLeft !== null) {
      if (this.#wrapUpLeft === 0) return overBudget(goal.tokensUsed, goal.tokenBudget ?? 0);
      this.#wrapUpLeft -= 1;
      return null;
    }
    if (!this.#isUsedUp()) return null;
    goals.become("budgetLimited", turnId);
    tell(textMessage("user", wrapUpText(goal)));
    this.#wrapUpLeft = WRAP_UP_REQUESTS - 1;
    return null;
  }

  /** The turn is over: what becomes of the goal, and the error that the turn ends with because of it. */
  ended({ error }: Pick<Progress, "error">): ErrorInfo | null {
    const { goals, turnId, monotonicMs } = this.#parts;
    goals.addTime(Math.round((monotonicMs() - this.#startedMs) / 1000), turnId);
    if (!goals.isActive) return error;
    if (this.#isUsedUp()) goals.become("budgetLimited", turnId);
    else if (error !== null) goals.become(...afterError(error, turnId));
    else return this.#judgeProgress();
    return error;
  }

  #isUsedUp(): boolean {
    const goal = this.#parts.goals.current;
    return goal?.status === "active" && goal.tokenBudget !== null && goal.tokensUsed >= goal.tokenBudget;
  }

  #judgeProgress(): ErrorInfo | null {
    const { goals, turnId } = this.#parts;
    const work = this.#calls === 0 ? null : this.#work.digest("hex");
    const isIdle = work === null || work === goals.lastWork;
    goals.lastWork = work;
    goals.idleTurns = isIdle ? goals.idleTurns + 1 : 0;
    if (goals.idleTurns < MOST_IDLE_TURNS) return null;
    const message = `${MOST_IDLE_TURNS} turns in a row brought the goal no nearer: they called nothing, or did the same again with the same result`;
    goals.become("blocked", turnId, message);
    return {
      code: "goal_no_progress",
      message,
      retryable: false,
      next_step: "Say what is missing in a message, then set the goal's status to active again.",
    };
  }
}

function afterError(error: ErrorInfo, turnId: string): Parameters<ThreadGoals["become"]> {
  if (error.code === "interrupted") return ["paused", turnId, "the turn was interrupted"];
  const isLimit = error.code === "budget_exceeded" || error.code === "model_usage_limit";
  return [isLimit ? "usageLimited" : "paused", turnId, `${error.code}: ${error.message}`];
}

/** What a call did and what came of it; null for what is no work. */
function workOf(item: ThreadItem): readonly unknown[] | null {
  switch (item.type) {
    case "commandExecution":
      return [item.command, item.exitCode, item.aggregatedOutput];
    case "fileChange":
      return [item.changes.map(({ path, diff }) => [path, diff]), item.status];
    case "mcpToolCall":
      return [item.server, item.tool, item.arguments, item.result, item.error?.code];
    case "toolCall":
      return GOAL_TOOL_NAMES.includes(item.tool) ? null : [item.tool, item.arguments, item.output];
    case "collabAgentToolCall":
      return item.tool === "listAgents" ? null : [item.tool, item.prompt, item.agentsStates, item.status];
    case "imageView":
      return [item.path];
    case "webSearch":
      return [item.query, item.action];
    default:
      return null;
  }
}

function overBudget(used: number, allowed: number): ErrorInfo {
  return {
    code: "budget_exceeded",
    message: `the goal has used ${groupedDigits(used)} of its ${groupedDigits(allowed)} tokens, and the agent did not end its turn when it was told`,
    retryable: false,
    next_step: "Give the goal a larger budget and set it to active, or set another one.",
    budget: { limit: "tokens", allowed, used, scope: "thread" },
  };
}
