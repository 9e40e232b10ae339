import type { ReviewStartParams, ServerNotification } from "@quire/protocol/app-server";
import type { Call } from "../connection.ts";
import type { StoredThreads } from "../engine.ts";
import type { LoadedThread } from "../threads/loaded-thread.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { ThreadViews } from "../threads/thread-views.ts";
import { startedTurnView } from "../wire/turn-view.ts";
import type { Handlers } from "./handlers.ts";
import { inputOf, requireIdle } from "./turns.ts";

/** Reviews: a turn of the given thread, or of a copy of it. */
export function reviewMethods({
  loaded,
  stored,
  views,
}: {
  loaded: LoadedThreads;
  stored: StoredThreads;
  views: ThreadViews;
}): Handlers<"review/start"> {
  return {
    async "review/start"(params, call) {
      const isCopy = params.delivery === "detached";
      const thread = isCopy ? await copyOf(params, loaded, call) : loaded.get(params.threadId);
      requireIdle(thread);
      loaded.join(thread, call.connection);
      call.afterwards(thread.hold());
      try {
        const running = await beginReview(thread, params);
        if (isCopy) call.afterwards(() => thread.tell(startedView(thread, views)));
        return { turn: startedTurnView(running.id), reviewThreadId: thread.id };
      } catch (thrown) {
        // Nobody knows of the copy yet, and without a review it is for nothing.
        if (isCopy) await remove(thread, loaded, stored);
        throw thrown;
      }
    },
  };
}

function beginReview(thread: LoadedThread, { target, input, limits }: ReviewStartParams) {
  return thread.begin((engine) =>
    engine.startReview({
      target,
      input: inputOf(input ?? []),
      ...(limits == null ? {} : { limits }),
    }),
  );
}

function startedView(thread: LoadedThread, views: ThreadViews): ServerNotification {
  return { method: "thread/started", params: { thread: views.one(thread.id) } };
}

async function remove({ id, audience }: LoadedThread, loaded: LoadedThreads, stored: StoredThreads) {
  for (const connection of [...audience.members]) loaded.leave(id, connection);
  await loaded.unload(id);
  await stored.delete(id);
}

async function copyOf(
  { threadId }: ReviewStartParams,
  loaded: LoadedThreads,
  call: Call,
): Promise<LoadedThread> {
  return loaded.open({
    target: { kind: "fork", threadId, lastTurnId: null },
    overrides: {},
    ephemeral: false,
    dynamicTools: [],
    limits: null,
    client: call.connection,
  });
}
