import type { ReviewStartParams } from "@quire/protocol/app-server";
import type { Call } from "../connection.ts";
import type { LoadedThread } from "../threads/loaded-thread.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { ThreadViews } from "../threads/thread-views.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";
import { inputOf, requireIdle } from "./turns.ts";

/** Reviews: a turn of the given thread, or of a copy of it. */
export function reviewMethods(loaded: LoadedThreads, views: ThreadViews): Handlers<"review/start"> {
  return {
    async "review/start"(params, call) {
      const thread =
        params.delivery === "detached"
          ? await copyOf(params, loaded, views, call)
          : loaded.get(params.threadId);
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      const { target, input, limits } = params;
      const running = await thread.begin((engine) =>
        engine.startReview({
          target,
          input: inputOf(input ?? []),
          ...(limits == null ? {} : { limits }),
        }),
      );
      return { turn: startedTurnView(running.id), reviewThreadId: thread.id };
    },
  };
}

async function copyOf(
  { threadId }: ReviewStartParams,
  loaded: LoadedThreads,
  views: ThreadViews,
  call: Call,
): Promise<LoadedThread> {
  const thread = await loaded.open({
    target: { kind: "fork", threadId, lastTurnId: null },
    overrides: {},
    ephemeral: false,
    dynamicTools: [],
    limits: null,
    client: call.connection,
  });
  call.afterwards(() => thread.tell({ method: "thread/started", params: { thread: views.one(thread.id) } }));
  return thread;
}
