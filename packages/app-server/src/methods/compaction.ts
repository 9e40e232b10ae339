import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";
import { requireIdle } from "./turns.ts";

/** The context of a thread made smaller, as a turn of its own. */
export function compactionMethods(loaded: LoadedThreads): Handlers<"thread/compact/start"> {
  return {
    async "thread/compact/start"({ threadId, instructions }, call) {
      const thread = loaded.get(threadId);
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      await thread.begin(async (engine) => engine.compact(instructions ?? null));
      return {};
    },
  };
}
