import type { BudgetBook } from "@quire/ledger";
import type { JsonSchema, ModelClient } from "@quire/models";
import type { Cost, ResponseItem, ThreadItem, TokenUsage, Turn, UserInput } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import type { AgentSpending, TurnAgents } from "../agents/agent.ts";
import type { Approver } from "../approvals/approver.ts";
import type { JudgeRules } from "../approvals/judge-rules.ts";
import type { NetworkDesk } from "../approvals/network-desk.ts";
import type { WorkTree } from "../binding-rules/work-tree.ts";
import type { OuterBudget, ThreadBudget, TurnBudget } from "../budget/turn-budget.ts";
import type { Compactor } from "../compaction/compactor.ts";
import type { EventReader, SubscribeOptions } from "../events/fan-out.ts";
import type { ThreadGoals } from "../goals/thread-goals.ts";
import type { HookDesk } from "../hooks/hook-desk.ts";
import type { Redactor } from "../redaction/redactor.ts";
import type { SkillUse } from "../skills/skill-use.ts";
import type { LateTools } from "../turn/late-tools.ts";
import type { SideAnswer, SideQuestion } from "../turn/side-answer.ts";
import type { ThreadBooks } from "../turn/turn-bill.ts";
import type { TurnSettings } from "../turn/turn-context.ts";
import type { TurnRouter } from "../turn/turn-route.ts";
import type { TurnTask } from "../turn/turn-task.ts";

/** The concrete parts a composition root gives a thread. The thread closes `client` and `closeTools` with itself. */
export interface ThreadParts {
  client: ModelClient;
  tools: readonly Tool[];
  /** More of them, asked for at the start of each turn. */
  lateTools?: LateTools;
  /** Brings the skills along that a message names. */
  skills?: SkillUse;
  /** Runs the hooks that users have configured; absent without any. */
  hooks?: HookDesk;
  closeTools: () => Promise<void>;
  priceOf: (usage: TokenUsage, model: string) => Cost;
  /** Absent: what requests cost is kept in the thread's log only. */
  books?: ThreadBooks;
  /** Limits that several threads and processes share. */
  budgetBook?: BudgetBook;
  /** Decides about model and effort of each turn by what is asked; absent without rules. */
  router?: TurnRouter;
  /** Limits of every turn beside those it is started with, and of the thread as a whole. */
  limits?: ThreadLimits;
  /** Tokens that a goal may have at most; absent: as many as it takes. */
  maxGoalTokens?: number | null;
  /** Whether the model may set a goal itself. */
  modelSetsGoals?: boolean;
  approver: Approver | null;
  /** The agents of the thread; absent where its model may start none. The composition root closes them. */
  agents?: TurnAgents;
  /** Told of everything that is entered on the thread's bill, before anything else happens. */
  onSpent?: (spent: AgentSpending) => void;
  /** Present where commands reach hosts by rules: asks about hosts and collects what was decided. */
  network?: NetworkDesk;
  /** What commands are judged by, beside the settings of the turn. */
  policy: Omit<JudgeRules, "sandboxMode" | "approvalPolicy">;
  /** Hides secrets in everything that the thread logs, shows or sends to the model. */
  redactor: Redactor;
  /** Tells what commands changed, for the rules of AGENTS.md. */
  workTree?: WorkTree;
  /** Writers of summaries beside `model` and `extract`, by the names that settings choose them by. */
  compactors?: readonly Compactor[];
  /** Reads an image for the model and returns a data URL; fails with `image_invalid`. */
  loadImage: (path: string) => Promise<string>;
  now: () => number;
  monotonicMs: () => number;
  newId: () => string;
}

export interface ThreadLimits {
  readonly turn: ThreadBudget & Pick<TurnBudget, "maxModelCalls">;
  readonly thread: ThreadBudget;
  /** Attempts that the calls of one turn may make again, all together. */
  readonly retriesPerTurn: number;
}

/** What `startTurn` takes besides the input. */
export interface TurnOptions {
  settings: ThreadSettings;
  outputSchema?: JsonSchema;
  /** What the client calls the message. */
  clientId?: string;
  /** What the user should see, and the log should keep, before the work begins. */
  warnings?: readonly { code: string; message: string }[];
  signal?: AbortSignal;
  /** Absent: no limits. */
  budget?: TurnBudget;
  /** Limits of those that the thread works for, which its calls count against as well. */
  outer?: OuterBudget | null;
  /** Nobody but the goal asks for it: the turn begins with what the goal has used. */
  followsGoal?: boolean;
  /** The item of the proposed plan that the user approves with this turn. */
  approves?: string;
}

export type ThreadSettings = Omit<TurnSettings, "outputSchema">;

export interface RunningTurn {
  readonly id: string;
  /** Resolves when the turn has ended, however it ended; never rejects. */
  readonly done: Promise<Turn>;
  /** Adds a message that the model sees before its next call. */
  steer(input: readonly UserInput[], clientId?: string): Promise<void>;
  /** Ends the turn soon; what was done stays in the log. */
  interrupt(): void;
}

/** A thread that this process may write to. */
export interface Thread {
  readonly id: string;
  readonly rolloutPath: string | null;
  readonly usage: TokenUsage;
  readonly cost: Cost | null;
  /** What the thread works towards, over several turns. Who runs the turns that follow is the caller's affair. */
  readonly goals: Pick<ThreadGoals, "current" | "isActive" | "set" | "clear">;
  /** The plan that was proposed last. */
  readonly plan: { itemId: string; text: string; approved: boolean } | null;
  /** Whether memories may be made of it and shown to it; null: as the configuration says. */
  readonly memoryMode: "enabled" | "disabled" | null;
  setMemoryMode(mode: "enabled" | "disabled"): void;
  subscribe(options?: SubscribeOptions): EventReader;
  /** One turn at a time; a second one fails with `thread_busy`. An empty input goes on where the log ends. */
  startTurn(input: readonly UserInput[], options: TurnOptions): Promise<RunningTurn>;
  /** A turn whose work is the given one; nothing can be added to it. Fails with `thread_busy` like `startTurn`. */
  startTask(task: TurnTask, options: TurnOptions): RunningTurn;
  /**
   * Work beside the turn that runs, under its id: what it remembers joins before the turn's next request, or when the turn
   * is over. It ends with an interrupt of that turn and may outlive a turn that completes. Fails with `usage_invalid` when
   * no turn runs.
   */
  startBeside(task: TurnTask): void;
  /**
   * An answer of the model to words that are none of the conversation's, within the limits of the turn that runs and on its
   * bill; one after the other. Fails, as a value, when no turn runs. To be asked for while the turn does not ask the model
   * itself, such as from within a call of a tool.
   */
  answerBeside(question: SideQuestion): Promise<SideAnswer>;
  /**
   * A turn that only compacts the context. `instructions` are what the summary should heed. Fails with `thread_busy` like
   * `startTurn`; the turn fails with `usage_invalid` when there is nothing to compact.
   */
  compact(
    options: Pick<TurnOptions, "settings" | "signal" | "budget"> & { instructions?: string | null },
  ): RunningTurn;
  /** Adds to what the model sees from the next turn on. Fails with `thread_busy` while a turn runs. */
  remember(items: readonly ResponseItem[]): void;
  /** Logs and announces an item that ended by itself, such as a command in the background. */
  completeItem(item: ThreadItem): void;
  /** Ends a running turn, stops every process of the thread and gives up the lock. May be called twice. */
  close(): Promise<void>;
}
