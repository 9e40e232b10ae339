import { CodedError, type ResponseItem, type Turn, type UserInput } from "@quire/protocol";
import { RequestForecast } from "../budget/request-forecast.ts";
import { TokenMeter } from "../context/token-meter.ts";
import { createFanOut } from "../events/fan-out.ts";
import { ThreadGoals } from "../goals/thread-goals.ts";
import { assembleTurn, type TurnHome } from "../turn/assemble-turn.ts";
import { BesideTasks } from "../turn/beside-tasks.ts";
import { type CompactionTask, runTurn } from "../turn/run-turn.ts";
import type { SideAnswer } from "../turn/side-answer.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { NO_ROUTE, type TurnRoute } from "../turn/turn-route.ts";
import { type TurnTask, taskScope } from "../turn/turn-task.ts";
import { type PreparedInput, prepareInput } from "../turn/user-message.ts";
import type { ThreadLogState } from "./open-thread.ts";
import type { RunningTurn, Thread, ThreadParts, TurnOptions } from "./thread.ts";
import { ThreadRecord } from "./thread-record.ts";

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
  let running: { done: Promise<Turn>; controller: AbortController; turn: TurnContext } | null = null;
  const beside = new BesideTasks();
  const notes: ResponseItem[] = [];
  let starting = false;
  let lastTurnId = state.lastTurnContext?.turn_id ?? "";
  let closing: Promise<void> | null = null;
  /** The last answer beside the conversation that was asked for. */
  let sideAnswer: Promise<void> = Promise.resolve();
  const home: TurnHome = {
    parts,
    record,
    meter: new TokenMeter(),
    goals,
    forecast: new RequestForecast(),
    baseInstructions: state.meta.base_instructions?.text ?? null,
  };

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

  function launch(
    inbox: PreparedInput[],
    options: TurnOptions,
    task: TurnTask | CompactionTask | null = null,
    route: TurnRoute = NO_ROUTE,
  ): RunningTurn {
    const controller = new AbortController();
    const turnId = parts.newId();
    lastTurnId = turnId;
    const isConversation = task === null;
    const current = assembleTurn(home, { turnId, options, route, isConversation, controller });
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
    answerBeside(question) {
      const next = sideAnswer.then(async (): Promise<SideAnswer> => {
        if (running === null || closing) {
          const message = "no turn is running that could ask the model";
          return { kind: "failed", error: { code: "usage_invalid", message, retryable: false } };
        }
        const { answerBeside } = await import("../turn/side-answer.ts");
        return answerBeside(running.turn, question);
      });
      sideAnswer = next.then(
        () => undefined,
        () => undefined,
      );
      return next;
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
