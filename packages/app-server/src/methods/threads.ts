import { CodedError } from "@quire/protocol";
import type { Broadcast } from "../broadcast.ts";
import type { StoredThreads } from "../engine.ts";
import { pageOf } from "../page.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { ThreadHistory } from "../threads/thread-history.ts";
import type { ThreadViews } from "../threads/thread-views.ts";
import { turnsFor } from "../wire/our-items.ts";
import type { Handlers } from "./handlers.ts";
import { listThreads } from "./list-threads.ts";

export interface ThreadMethodDeps {
  stored: StoredThreads;
  loaded: LoadedThreads;
  history: ThreadHistory;
  views: ThreadViews;
  broadcast: Broadcast;
}

/** Threads as a collection: listing, reading, naming, putting away. */
export function threadMethods({
  stored,
  loaded,
  history,
  views,
  broadcast,
}: ThreadMethodDeps): Handlers<
  | "thread/list"
  | "thread/read"
  | "thread/loaded/list"
  | "thread/unsubscribe"
  | "thread/archive"
  | "thread/unarchive"
  | "thread/delete"
  | "thread/name/set"
> {
  return {
    "thread/list": (params) => listThreads(params, stored, views),
    async "thread/read"({ threadId, includeTurns }, { connection }) {
      const turns = includeTurns ? await history.turnViews(threadId, "full") : [];
      return { thread: views.one(threadId, turnsFor(connection, turns)) };
    },
    "thread/loaded/list"(params) {
      const { data, nextCursor } = pageOf(loaded.ids(), (id) => id, params, 500);
      return { data, nextCursor };
    },
    "thread/unsubscribe"({ threadId }, { connection }) {
      if (loaded.find(threadId) === null) return { status: "notLoaded" };
      return { status: loaded.leave(threadId, connection) ? "unsubscribed" : "notSubscribed" };
    },
    async "thread/archive"({ threadId }, call) {
      stored.find(threadId);
      await loaded.unload(threadId);
      await stored.archive(threadId);
      call.afterwards(() => broadcast({ method: "thread/archived", params: { threadId } }));
      return {};
    },
    async "thread/unarchive"({ threadId }, call) {
      await stored.unarchive(threadId);
      call.afterwards(() => broadcast({ method: "thread/unarchived", params: { threadId } }));
      return { thread: views.one(threadId) };
    },
    async "thread/delete"({ threadId }, call) {
      if (!loaded.find(threadId)?.ephemeral) stored.find(threadId);
      const { ephemeral } = loaded.find(threadId) ?? { ephemeral: false };
      await loaded.unload(threadId);
      if (!ephemeral) await stored.delete(threadId);
      call.afterwards(() => broadcast({ method: "thread/deleted", params: { threadId } }));
      return {};
    },
    "thread/name/set"({ threadId, name }, call) {
      const threadName = name.trim();
      if (threadName === "" || threadName.length > 200) {
        throw new CodedError("usage_invalid", "a thread's name has 1 to 200 characters");
      }
      stored.find(threadId);
      stored.setName(threadId, threadName);
      call.afterwards(() => broadcast({ method: "thread/name/updated", params: { threadId, threadName } }));
      return {};
    },
  };
}
