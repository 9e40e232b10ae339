import { CodedError, type GoalStatus, MOST_OBJECTIVE_CHARACTERS, type ThreadGoal } from "@quire/protocol";
import type { ThreadRecord } from "../thread/thread-record.ts";

/** What is to be different about a goal; what is absent stays. */
export interface GoalChange {
  objective?: string;
  status?: GoalStatus;
  tokenBudget?: number;
  reason?: string | null;
}

export interface ThreadGoalsOptions {
  record: ThreadRecord;
  /** Tokens that a goal may have at most; null: as many as it takes. */
  maxTokenBudget: number | null;
  now: () => number;
}

/** The goal of one thread: every change is written down before it counts. */
export class ThreadGoals {
  /** Turns in a row that brought the goal no nearer. */
  idleTurns = 0;
  /** What the calls of the last turn amounted to. */
  lastWork: string | null = null;
  readonly #options: ThreadGoalsOptions;

  constructor(options: ThreadGoalsOptions) {
    this.#options = options;
  }

  get current(): ThreadGoal | null {
    return this.#options.record.goal;
  }

  /** Whether turns are to follow each other. */
  get isActive(): boolean {
    return this.current?.status === "active";
  }

  /**
   * Changes the goal, or begins one when an objective is given. Fails with `usage_invalid` where there is nothing to change,
   * and then nothing has changed.
   */
  set(change: GoalChange, turnId: string | null = null): ThreadGoal {
    const { record, now, maxTokenBudget } = this.#options;
    const seconds = Math.floor(now() / 1000);
    const before = change.objective === undefined || change.status !== undefined ? this.current : null;
    const objective = change.objective?.trim() ?? before?.objective;
    if (objective === undefined || objective === "" || objective.length > MOST_OBJECTIVE_CHARACTERS) {
      const most = `1 to ${MOST_OBJECTIVE_CHARACTERS} characters`;
      throw new CodedError(
        "usage_invalid",
        objective === undefined ? "this thread has no goal" : `a goal has ${most}`,
        { nextStep: "Set one: give its objective." },
      );
    }
    const wanted = change.tokenBudget ?? before?.tokenBudget ?? null;
    const tokenBudget = maxTokenBudget === null ? wanted : Math.min(wanted ?? maxTokenBudget, maxTokenBudget);
    const tokensUsed = before?.tokensUsed ?? 0;
    const status = change.status ?? (before === null ? "active" : before.status);
    if (status === "active" && tokenBudget !== null && tokensUsed >= tokenBudget) {
      throw new CodedError("usage_invalid", `the ${tokenBudget} tokens of the goal are used up`, {
        nextStep: "Give it a larger budget with it, or set a new goal.",
      });
    }
    const goal: ThreadGoal = {
      threadId: record.threadId,
      objective,
      status,
      tokenBudget,
      tokensUsed,
      timeUsedSeconds: before?.timeUsedSeconds ?? 0,
      createdAt: before?.createdAt ?? seconds,
      updatedAt: seconds,
      ...(change.reason == null ? {} : { reason: change.reason }),
    };
    this.idleTurns = 0;
    this.lastWork = null;
    record.setGoal(goal, turnId);
    return goal;
  }

  /** Whether there was one. */
  clear(): boolean {
    if (this.current === null) return false;
    this.#options.record.setGoal(null, null);
    return true;
  }

  /** Another status for the present goal, by the harness or the model; nothing else of it changes. */
  become(status: GoalStatus, turnId: string, reason: string | null = null): void {
    const { record, now } = this.#options;
    const goal = this.current;
    if (goal === null) return;
    const updatedAt = Math.floor(now() / 1000);
    record.setGoal({ ...goal, status, updatedAt, reason }, turnId);
  }

  addTime(seconds: number, turnId: string): void {
    const { record } = this.#options;
    const goal = this.current;
    if (goal === null || seconds === 0) return;
    record.setGoal({ ...goal, timeUsedSeconds: goal.timeUsedSeconds + seconds }, turnId);
  }
}
