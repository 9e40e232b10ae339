import type {
  ThreadForkParams,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
  WireThread,
  WireTurn,
} from "@quire/protocol/app-server";
import type { Call } from "../connection.ts";
import type { ThreadOverrides } from "../engine.ts";
import type { LoadedThread } from "../threads/loaded-thread.ts";
import type { LoadedThreads, OpenRequest } from "../threads/loaded-threads.ts";
import { endCursors, type ThreadHistory } from "../threads/thread-history.ts";
import type { ThreadViews } from "../threads/thread-views.ts";
import { turnsFor } from "../wire/our-items.ts";
import { modeView } from "../wire/settings-view.ts";
import type { Handlers } from "./handlers.ts";

export interface OpenThreadDeps {
  loaded: LoadedThreads;
  history: ThreadHistory;
  views: ThreadViews;
}

/** Threads that begin, go on or branch off. The client that asks follows the thread from then on. */
export function openThreadMethods(
  deps: OpenThreadDeps,
): Handlers<"thread/start" | "thread/resume" | "thread/fork" | "thread/revert"> {
  const { loaded, history, views } = deps;
  const opened = (thread: LoadedThread, turns: readonly WireTurn[]) =>
    openedView(thread, views.one(thread.id, turns));
  return {
    async "thread/start"(params, call) {
      const { thread } = await open(loaded, params, { kind: "start" }, call);
      call.afterwards(() =>
        thread.tell({ method: "thread/started", params: { thread: views.fresh(thread) } }),
      );
      return openedView(thread, views.fresh(thread));
    },
    async "thread/resume"(params, call) {
      const target = { kind: "resume", threadId: params.threadId } as const;
      const { thread, knows } = await open(loaded, params, target, call);
      const { turns, events } = params.excludeHistory
        ? { turns: [], events: 0 }
        : await history.turnsSoFar(thread);
      // Who did not ask for the turns has not read them.
      if (!params.excludeTurns) knows(events);
      const shown = params.excludeTurns ? [] : turns.map((turn) => history.view(thread.id, turn, "full"));
      return {
        ...opened(thread, turnsFor(call.connection, shown)),
        collaborationMode: planMode(thread),
        ...endCursors(turns),
      };
    },
    async "thread/fork"(params, call) {
      const target = {
        kind: "fork",
        threadId: params.threadId,
        lastTurnId: params.lastTurnId ?? null,
      } as const;
      const { thread } = await open(loaded, params, target, call);
      announce(thread, views, call);
      const noHistory = params.excludeTurns || thread.ephemeral;
      const turns = noHistory ? [] : await history.turnViews(thread.id, "full");
      return {
        ...opened(thread, turnsFor(call.connection, turns)),
        collaborationMode: planMode(thread),
      };
    },
    async "thread/revert"({ threadId, beforeTurnId }, call) {
      const thread = await loaded.revert(threadId, beforeTurnId);
      call.afterwards(() => thread.tell({ method: "thread/reverted", params: { threadId } }));
      return { thread: views.one(threadId), ...endCursors(await history.turns(threadId)) };
    },
  };
}

/** Null, as in Codex, for a thread in the default mode. */
function planMode({ engine }: LoadedThread): ThreadResumeResponse["collaborationMode"] {
  const settings = engine.settings();
  return settings.mode === "plan" ? modeView(settings) : null;
}

type OpenParams = ThreadStartParams | ThreadResumeParams | ThreadForkParams;

/** `knows` says how many events of the thread the client learns from the answer. */
async function open(
  loaded: LoadedThreads,
  params: OpenParams,
  target: OpenRequest["target"],
  call: Call,
): Promise<{ thread: LoadedThread; knows: (events: number) => void }> {
  const thread = await loaded.open({
    target,
    overrides: overridesOf(params),
    ephemeral: "ephemeral" in params && params.ephemeral === true,
    dynamicTools: params.dynamicTools ?? [],
    limits: params.limits ?? null,
    client: call.connection,
  });
  // Questions that are open already are put to the new client when it knows the thread.
  const release = thread.hold();
  let known = 0;
  call.afterwards(() => {
    loaded.join(thread, call.connection, known);
    release();
  });
  return {
    thread,
    knows: (events) => {
      known = events;
    },
  };
}

function announce(thread: LoadedThread, views: ThreadViews, call: Call): void {
  call.afterwards(() => thread.tell({ method: "thread/started", params: { thread: views.one(thread.id) } }));
}

/** Null and absent mean the same to clients; the engine only knows absent. */
function overridesOf(params: OpenParams): ThreadOverrides {
  const { model, modelProvider, cwd, approvalPolicy, sandbox, config } = params;
  const { baseInstructions, developerInstructions } = params;
  return {
    ...(model == null ? {} : { model }),
    ...(modelProvider == null ? {} : { modelProvider }),
    ...(cwd == null ? {} : { cwd }),
    ...(approvalPolicy == null ? {} : { approvalPolicy }),
    ...(sandbox == null ? {} : { sandbox }),
    ...(config == null ? {} : { config }),
    ...(baseInstructions == null ? {} : { baseInstructions }),
    ...(developerInstructions == null ? {} : { developerInstructions }),
  };
}

function openedView(thread: LoadedThread, view: WireThread): ThreadStartResponse {
  const { engine } = thread;
  const { model, modelProvider, cwd, approvalPolicy, sandbox, effort, instructionSources, preset } =
    engine.settings();
  return {
    thread: view,
    model,
    modelProvider,
    serviceTier: null,
    disabledPluginIds: [],
    cwd,
    instructionSources,
    approvalPolicy,
    approvalsReviewer: "user",
    sandbox,
    reasoningEffort: effort,
    preset,
    notices: [...engine.notices],
    unfinished: engine.unfinished,
    usage: engine.thread.usage,
    cost: engine.thread.cost,
  };
}
