import type { NotificationParams, ServerNotification, WireItem } from "@quire/protocol/app-server";
import { MARKDOWN_BEGIN } from "../markdown/finished-part.ts";
import { goalCleared, goalUpdated } from "./goal.ts";
import { isProposal } from "./proposal.ts";
import { noticed, quiet, type Step } from "./step.ts";
import { streamText } from "./streamed-text.ts";
import { emptyThread, type LiveItem, type ThreadState } from "./thread-state.ts";
import { usageOf } from "./usage.ts";

/**
 * Takes one notification in. Pure: the same notifications give the same states and the same timeline, whether they come
 * from a running turn or from a log. Notifications of other threads must not be given to it.
 */
export function reduce(state: ThreadState, notification: ServerNotification): Step {
  const unchanged: Step = { state, ended: [] };
  switch (notification.method) {
    case "thread/started":
      return quiet({ ...state, name: notification.params.thread.name });
    case "thread/name/updated":
      return quiet({ ...state, name: notification.params.threadName ?? null });
    case "thread/status/changed":
      return quiet({ ...state, status: notification.params.status });
    case "thread/settings/updated":
      return quiet({ ...state, mode: notification.params.threadSettings.collaborationMode.mode });
    case "thread/goal/updated":
      return goalUpdated(state, notification.params);
    case "thread/goal/cleared":
      return goalCleared(state);
    case "thread/tokenUsage/updated":
      return quiet({ ...state, usage: usageOf(notification.params.tokenUsage) });
    case "turn/started":
      return turnStarted(state, notification.params);
    case "turn/completed":
      return turnCompleted(state, notification.params);
    case "turn/diff/updated":
      return quiet({ ...state, diff: notification.params.diff });
    case "turn/plan/updated":
      return quiet({ ...state, plan: notification.params.plan });
    case "thread/rateLimits/updated":
      return quiet({ ...state, limits: notification.params.limits });
    case "thread/budget/updated":
      return quiet({ ...state, budgets: notification.params.budgets });
    case "turn/stalled":
      return quiet({ ...state, silentMs: notification.params.idleMs });
    case "item/started":
      return quiet(
        started(
          withAgents(heard(state), notification.params.item),
          notification.params.item,
          notification.params.startedAtMs,
        ),
      );
    case "item/updated":
      return quiet(replaced(withAgents(heard(state), notification.params.item), notification.params.item));
    case "item/completed":
      return completed(withAgents(heard(state), notification.params.item), notification.params);
    case "item/fileChange/patchUpdated":
      return quiet(patched(state, notification.params));
    case "item/mcpToolCall/progress":
      return quiet(progressed(heard(state), notification.params));
    case "item/agentMessage/delta":
    case "item/plan/delta":
    case "item/reasoning/summaryTextDelta":
    case "item/commandExecution/outputDelta":
      return streamed(heard(state), notification.params);
    case "item/reasoning/summaryPartAdded":
      return streamed(state, { ...notification.params, delta: "\n\n" });
    case "error":
      return failed(state, notification.params);
    case "stream/lagged":
      return noticed(
        state,
        "quiet",
        `${notification.params.dropped} updates came faster than they could be shown.`,
      );
    case "thread/reverted":
      return reverted(state);
    default:
      return unchanged;
  }
}

function reverted({ threadId, name, usage, mode, goal }: ThreadState): Step {
  const state = { ...emptyThread(threadId), name, usage, mode, goal };
  return noticed(state, "quiet", "The thread was taken back to an earlier turn.");
}

/** Any sign of the endpoint ends the wait for one. */
function heard(state: ThreadState): ThreadState {
  return state.retry === null && state.silentMs === null ? state : { ...state, retry: null, silentMs: null };
}

function turnStarted(state: ThreadState, { turn }: NotificationParams<"turn/started">): Step {
  const startedAtMs = (turn.startedAt ?? 0) * 1000;
  return quiet({ ...heard(state), turn: { id: turn.id, startedAtMs }, live: [], diff: "", proposal: null });
}

/** What is still open ends with the turn, unless it is a command that goes on in the background. */
function turnCompleted(state: ThreadState, { turn }: NotificationParams<"turn/completed">): Step {
  const live = state.live.filter(({ item }) => item.type === "commandExecution" && item.processId !== null);
  return { state: { ...heard(state), turn: null, live }, ended: [{ kind: "turnEnded", turn }] };
}

/** What an item says of agents is where they stand now. */
function withAgents(state: ThreadState, item: WireItem): ThreadState {
  // Others than its own can be told something as well.
  if (item.type === "collabAgentToolCall" && item.tool !== "sendMessage")
    return { ...state, agents: { ...state.agents, ...item.agentsStates } };
  if (item.type !== "subAgentActivity" || item.state === undefined || item.told !== undefined) return state;
  const agent = { ...item.state, path: item.state.path ?? item.agentPath };
  return { ...state, agents: { ...state.agents, [item.agentThreadId]: agent } };
}

function started(state: ThreadState, item: WireItem, startedAtMs: number): ThreadState {
  if (state.live.some((live) => live.item.id === item.id)) return replaced(state, item);
  const begun: LiveItem = { item, startedAtMs, streamed: "", shown: 0, place: MARKDOWN_BEGIN };
  return { ...state, live: [...state.live, begun] };
}

function replaced(state: ThreadState, item: WireItem): ThreadState {
  return { ...state, live: state.live.map((live) => (live.item.id === item.id ? { ...live, item } : live)) };
}

function patched(
  state: ThreadState,
  params: NotificationParams<"item/fileChange/patchUpdated">,
): ThreadState {
  const live = state.live.find(({ item }) => item.id === params.itemId)?.item;
  return live?.type === "fileChange" ? replaced(state, { ...live, changes: params.changes }) : state;
}

/** Only the last word of a server on its call counts. */
function progressed(
  state: ThreadState,
  { itemId, message }: NotificationParams<"item/mcpToolCall/progress">,
): ThreadState {
  const live = state.live.map((one) => (one.item.id === itemId ? { ...one, streamed: message } : one));
  return { ...state, live };
}

function completed(state: ThreadState, { item, completedAtMs }: NotificationParams<"item/completed">): Step {
  const live = state.live.find((one) => one.item.id === item.id);
  const place = live?.place ?? MARKDOWN_BEGIN;
  const durationMs = live ? Math.max(0, completedAtMs - live.startedAtMs) : null;
  return {
    state: {
      ...state,
      live: state.live.filter((one) => one !== live),
      proposal: isProposal(item) ? item.id : state.proposal,
    },
    ended: [
      {
        kind: "item",
        item,
        durationMs,
        shown: live?.shown ?? 0,
        fence: place.fence,
        isJoined: place.isJoined,
      },
    ],
  };
}

function streamed(state: ThreadState, { itemId, delta }: { itemId: string; delta: string }): Step {
  const at = state.live.findIndex(({ item }) => item.id === itemId);
  const before = state.live[at];
  if (before === undefined) return quiet(state);
  const { live, entry } = streamText(before, delta);
  return {
    state: { ...state, live: state.live.with(at, live) },
    ended: entry === null ? [] : [entry],
  };
}

/** With a retry, what the call streamed is void and comes again. What was printed of it stays, and is said to be void. */
function failed(state: ThreadState, params: NotificationParams<"error">): Step {
  if (!params.willRetry) return quiet(state);
  const isVoid = ({ item }: LiveItem) =>
    item.type === "agentMessage" || item.type === "reasoning" || isProposal(item);
  const wasShown = state.live.some((live) => isVoid(live) && live.shown > 0);
  const { error, attempt, maxAttempts, delayMs } = params;
  const next: ThreadState = {
    ...state,
    live: state.live.filter((live) => !isVoid(live)),
    retry: {
      error: error.error ?? null,
      message: error.message,
      attempt: attempt ?? null,
      maxAttempts: maxAttempts ?? null,
      delayMs: delayMs ?? null,
    },
  };
  const { code = null, next_step: advice } = error.error ?? {};
  // What is to be done while it tries again, such as to connect the machine; once for a row of failures.
  const todo =
    code === "model_unreachable" && state.retry === null && advice !== undefined ? ` ${advice}` : "";
  const again = wasShown ? " The answer above was cut off and begins again." : "";
  return noticed(next, "warn", `${error.message}${again}${todo}`, code);
}
