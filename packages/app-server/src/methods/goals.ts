import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";

/** The goal of a thread. */
export function goalMethods(
  loaded: LoadedThreads,
): Handlers<"thread/goal/set" | "thread/goal/get" | "thread/goal/clear"> {
  return {
    "thread/goal/set"({ threadId, objective, status, tokenBudget, start }, call) {
      const thread = loaded.get(threadId);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const goal = thread.engine.thread.goals.set({
        ...(objective == null ? {} : { objective }),
        ...(status == null ? {} : { status }),
        ...(tokenBudget == null ? {} : { tokenBudget }),
      });
      if (start !== false) call.afterwards(() => thread.goOn());
      return { goal };
    },
    "thread/goal/get": ({ threadId }) => ({ goal: loaded.get(threadId).engine.thread.goals.current }),
    "thread/goal/clear"({ threadId }, call) {
      const thread = loaded.get(threadId);
      call.afterwards(thread.hold());
      return { cleared: thread.engine.thread.goals.clear() };
    },
  };
}
