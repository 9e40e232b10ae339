import type { LoadedThreads } from "../threads/loaded-threads.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";
import { requireIdle } from "./turns.ts";

const MODES = [
  { name: "Plan", mode: "plan" as const, model: null, reasoning_effort: null },
  { name: "Default", mode: "default" as const, model: null, reasoning_effort: null },
];

/** Plans: which modes there are, what was proposed, and a person's yes to it. */
export function planMethods(
  loaded: LoadedThreads,
): Handlers<"collaborationMode/list" | "thread/plan/read" | "thread/plan/approve"> {
  return {
    "collaborationMode/list": () => ({ data: MODES }),
    "thread/plan/read": ({ threadId }) => ({ plan: loaded.get(threadId).engine.thread.plan }),
    async "thread/plan/approve"({ threadId, itemId, message, limits }, call) {
      const thread = loaded.get(threadId);
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const running = await thread.begin((engine) =>
        engine.buildPlan({
          itemId: itemId ?? null,
          message: message ?? null,
          ...(limits == null ? {} : { limits }),
        }),
      );
      call.afterwards(() => thread.tellSettings());
      return { turn: startedTurnView(running.id) };
    },
  };
}
