import { type Budget, createBudget } from "./budget.ts";
import { readTask, steer, type Task } from "./task.ts";

/** What a turn may use. `seconds` bounds everything that runs before the edit; the user's words may change it. */
export interface RepairSettings {
  seconds: number;
  /** Whether an `update_plan` tool is offered. */
  canPlan: boolean;
}

/** What the steps of a turn share: the budget, and the task, which the user may steer while it runs. */
export class Turn {
  task: Task;
  readonly budget: Budget;
  readonly canPlan: boolean;

  constructor(text: string, settings: RepairSettings) {
    this.task = readTask(text);
    this.budget = createBudget(this.task.seconds ?? settings.seconds);
    this.canPlan = settings.canPlan;
  }

  /** Takes in what the user said since the last call. */
  hear(steering: readonly string[]): void {
    for (const text of steering) this.task = steer(this.task, text);
  }

  get stopped(): boolean {
    return this.task.stop;
  }
}
