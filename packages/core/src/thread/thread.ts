import { setMaxListeners } from "node:events";
import type { BudgetBook } from "@quire/ledger";
import type { JsonSchema, ModelClient } from "@quire/models";
import {
  CodedError,
  type Cost,
  type ResponseItem,
  type ThreadItem,
  type TokenUsage,
  type Turn,
  type UserInput,
} from "@quire/protocol";
import type { Tool } from "@quire/tools";
import type { GoalPort } from "@quire/tools/goals";
import type { AgentSpending, TurnAgents } from "../agents/agent.ts";
import type { Approver } from "../approvals/approver.ts";
import type { JudgeRules } from "../approvals/judge-rules.ts";
import type { NetworkDesk } from "../approvals/network-desk.ts";
import type { WorkTree } from "../binding-rules/work-tree.ts";
import type { Compactor } from "../compaction/compactor.ts";
import { TokenMeter } from "../context/token-meter.ts";
import { createFanOut, type EventReader, type SubscribeOptions } from "../events/fan-out.ts";
import type { GoalTurn } from "../goals/goal-turn.ts";
import { ThreadGoals } from "../goals/thread-goals.ts";
import type { HookDesk } from "../hooks/hook-desk.ts";
import type { Redactor } from "../redaction/redactor.ts";
import type { SkillUse } from "../skills/skill-use.ts";
import { BesideTasks } from "../turn/beside-tasks.ts";
import type { LateTools } from "../turn/late-tools.ts";
import { RequestForecast } from "../turn/request-forecast.ts";
import { RETRIES_PER_TURN, RetryBudget } from "../turn/retry-budget.ts";
import { RuleWatch } from "../turn/rule-watch.ts";
import { type CompactionTask, runTurn } from "../turn/run-turn.ts";
import { type ThreadBooks, TurnBill } from "../turn/turn-bill.ts";
import {
  BudgetGuard,
  type OuterBudget,
  type Spent,
  smaller,
  type ThreadBudget,
  type TurnBudget,
} from "../turn/turn-budget.ts";
import { MAIN_AGENT, type TurnContext, type TurnSettings } from "../turn/turn-context.ts";
import { NO_ROUTE, type TurnRoute, type TurnRouter } from "../turn/turn-route.ts";
import { type TurnTask, taskScope } from "../turn/turn-task.ts";
import { type PreparedInput, prepareInput } from "../turn/user-message.ts";
import type { ThreadLogState } from "./open-thread.ts";
import { ThreadRecord } from "./thread-record.ts";

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

/** Brings a log and its parts together. Get the log state from `startLog`, `resumeLog` or `forkLog`. */
export function createThread(state: ThreadLogState, parts: ThreadParts): Thread {
  const fanOut = createFanOut(state.threadId);
  const record = new ThreadRecord({
    threadId: state.threadId,
    log: state.log,
    publish: (event) => fanOut.publish(event),
    redactor: parts.redactor,
    now: parts.now,
    history: state.history,
    usage: state.usage,
    cost: state.cost,
    plan: state.plan,
    digest: state.digest,
    goal: state.goal === null ? null : { ...state.goal, threadId: state.threadId },
    memoryMode: state.memoryMode,
    requestHead: state.requestHead,
  });
  const { maxGoalTokens: maxTokenBudget = null, now } = parts;
  const goals = new ThreadGoals({ record, maxTokenBudget, now });
  const goalTools = () => toolsForGoal(goals, parts.modelSetsGoals ?? false, lastTurnId);
  const meter = new TokenMeter();
  let running: { done: Promise<Turn>; controller: AbortController; turn: TurnContext } | null = null;
  const beside = new BesideTasks();
  const notes: ResponseItem[] = [];
  let starting = false;
  let lastTurnId = state.lastTurnContext?.turn_id ?? "";
  let closing: Promise<void> | null = null;
  const forecast = new RequestForecast();

  async function prepare(input: readonly UserInput[], clientId?: string): Promise<PreparedInput> {
    const images = new Map<string, string>();
    for (const part of input) {
      if (part.type === "localImage") images.set(part.path, await parts.loadImage(part.path));
    }
    return prepareInput(input, images, parts.newId(), clientId);
  }

  function requireIdle(): void {
    if (closing) throw new CodedError("internal", `thread ${state.threadId} is closed`);
    if (running || starting) {
      throw new CodedError("thread_busy", `thread ${state.threadId} is already working on a turn`, {
        nextStep: "Steer the running turn, or wait for it to end.",
      });
    }
  }

  async function startTurn(input: readonly UserInput[], options: TurnOptions): Promise<RunningTurn> {
    requireIdle();
    starting = true;
    try {
      const inbox = input.length > 0 ? [await prepare(input, options.clientId)] : [];
      const route = (await parts.router?.(input, options.settings.effort)) ?? NO_ROUTE;
      // Closed meanwhile, there is nothing left to work with.
      if (closing) throw new CodedError("internal", `thread ${state.threadId} is closed`);
      return launch(inbox, options, null, route);
    } finally {
      starting = false;
    }
  }

  /** A cost is unknown when only the price of cached input is; at the full price it is bounded. */
  function spentBefore(model: string): Spent {
    const { usage, cost } = record;
    const most = parts.priceOf({ ...usage, cached_input_tokens: 0 }, model);
    return { usage, cost, atMostUsd: most.kind === "known" ? most.usd : null };
  }

  function launch(
    inbox: PreparedInput[],
    options: TurnOptions,
    task: TurnTask | CompactionTask | null = null,
    route: TurnRoute = NO_ROUTE,
  ): RunningTurn {
    const controller = new AbortController();
    const turnId = parts.newId();
    lastTurnId = turnId;
    const byUser = options.signal ? [options.signal, controller.signal] : [controller.signal];
    const deadline = options.budget?.deadline ? [options.budget.deadline.signal] : [];
    const signal = AbortSignal.any([...byUser, ...deadline]);
    // Each of the calls that run beside each other listens; that many is no leak.
    setMaxListeners(0, signal);
    const settings: TurnSettings = Object.freeze({
      ...options.settings,
      ...route.settings,
      outputSchema: options.outputSchema ?? null,
    });
    const ruleWatch = task === null ? watchRules(settings) : null;
    const current: TurnContext = {
      turnId,
      settings,
      threadSettings: options.settings,
      route,
      parts: { ...parts, record, meter, goalTools: settings.planMode === true ? async () => [] : goalTools },
      baseInstructions: state.meta.base_instructions?.text ?? null,
      signal,
      interrupt: () => controller.abort(),
      interruptedByUser: () => byUser.some(({ aborted }) => aborted),
      warnings: [...(options.warnings ?? []), ...routeNote(route)],
      inForeground: new Set<string>(),
      budget: new BudgetGuard(
        smaller(smaller(options.budget ?? {}, parts.limits?.turn ?? {}), route.budget),
        {
          priceOf: parts.priceOf,
          contextWindow: settings.contextWindow,
          outputLimit: settings.outputLimit ?? null,
          forecast,
          thread: { budget: parts.limits?.thread ?? {}, before: spentBefore(settings.model) },
          ...(options.outer ? { outer: options.outer } : {}),
        },
      ),
      retries: new RetryBudget(parts.limits?.retriesPerTurn ?? RETRIES_PER_TURN),
      bill: new TurnBill(turnId, {
        record,
        books: parts.books ?? null,
        agent: settings.agent ?? MAIN_AGENT,
        provider: parts.client.provider,
        priceOf: parts.priceOf,
        now: parts.now,
        contextWindow: settings.contextWindow,
        ...(parts.onSpent === undefined ? {} : { onSpent: parts.onSpent }),
      }),
      ...(ruleWatch === null ? {} : { ruleWatch }),
      ...(watchesGoal(task, settings) ? { watchGoal: () => watchGoal(turnId) } : {}),
      followsGoal: options.followsGoal === true,
      ...(options.approves === undefined ? {} : { approves: options.approves }),
    };
    const box = {
      take: () => inbox.splice(0),
      takeNotes: () => notes.splice(0),
      isEmpty: () => inbox.length === 0,
    };
    const done = runTurn(current, box, task).finally(() => {
      running = null;
      record.addHistory(notes.splice(0));
    });
    running = { done, controller, turn: current };
    return {
      id: turnId,
      done,
      async steer(more, clientId) {
        if (task !== null) throw new CodedError("usage_invalid", `turn ${turnId} takes no messages`);
        const message = await prepare(more, clientId);
        if (running?.done !== done) {
          throw new CodedError("usage_invalid", `turn ${turnId} has ended, so nothing can be added to it`, {
            nextStep: "Start a new turn with this message.",
          });
        }
        inbox.push(message);
        parts.agents?.steered();
      },
      interrupt: () => controller.abort(),
    };
  }

  /** A goal that is set while a turn runs is worked towards from the next one on. */
  function watchesGoal(task: unknown, { planMode }: TurnSettings): boolean {
    return task === null && planMode !== true && (goals.isActive || parts.modelSetsGoals === true);
  }

  async function watchGoal(turnId: string): Promise<GoalTurn> {
    const { GoalTurn: Watch } = await import("../goals/goal-turn.ts");
    const { monotonicMs } = parts;
    return new Watch({ goals, turnId, monotonicMs, tell: (item) => record.addHistory([item]) });
  }

  function watchRules({ ruleBook }: TurnSettings): RuleWatch | null {
    if (ruleBook === undefined || ruleBook.rules.length === 0) return null;
    const { workTree = null, policy, now } = parts;
    return new RuleWatch({ rules: ruleBook.rules, workTree, commands: policy.commands, now });
  }

  /** What the proxy decided for commands that no call waits for. */
  function logNetwork(of?: (itemId: string | null) => boolean): void {
    for (const access of parts.network?.take(of) ?? []) {
      record.itemCompleted(lastTurnId, { type: "networkAccess", id: parts.newId(), ...access });
    }
  }

  async function close(): Promise<void> {
    const current = running;
    current?.controller.abort();
    await current?.done;
    await beside.end();
    await parts.closeTools();
    logNetwork();
    parts.client.close();
    fanOut.close();
    state.log.close();
    state.releaseLock();
  }

  return {
    id: state.threadId,
    rolloutPath: state.log.path,
    get usage() {
      return record.usage;
    },
    get cost() {
      return record.cost;
    },
    goals,
    get plan() {
      const { proposedPlan, approvedPlan } = record.digest;
      if (proposedPlan === undefined) return null;
      return { ...proposedPlan, approved: proposedPlan.itemId === approvedPlan?.itemId };
    },
    get memoryMode() {
      return record.memoryMode;
    },
    setMemoryMode: (mode) => record.setMemoryMode(mode),
    subscribe: (options) => fanOut.subscribe(options),
    startTurn,
    startTask(task, options) {
      requireIdle();
      return launch([], options, task);
    },
    startBeside(task) {
      if (running === null || closing) throw new CodedError("usage_invalid", "no turn is running");
      beside.start(task, taskScope(running.turn), (items) => {
        if (running === null) record.addHistory(items);
        else notes.push(...items);
      });
    },
    compact({ instructions = null, ...options }) {
      requireIdle();
      return launch([], options, { kind: "compaction", instructions });
    },
    completeItem: (item) => {
      logNetwork((itemId) => itemId === item.id);
      record.itemCompleted(lastTurnId, item);
    },
    remember(items) {
      requireIdle();
      record.addHistory(items);
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Nothing in a thread without a goal: what is not used costs no byte of a request, and is not loaded. */
async function toolsForGoal(goals: ThreadGoals, modelSetsGoals: boolean, turnId: string): Promise<Tool[]> {
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

function routeNote({ reason }: TurnRoute): { code: string; message: string }[] {
  return reason === null ? [] : [{ code: "model_routed", message: reason }];
}
