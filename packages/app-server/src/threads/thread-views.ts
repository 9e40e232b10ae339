import type { ThreadSummary } from "@quire/core";
import type { WireThread, WireTurn } from "@quire/protocol/app-server";
import type { StoredThreads } from "../engine.ts";
import { threadView } from "../wire/thread-view.ts";
import type { LoadedThread } from "./loaded-thread.ts";
import type { LoadedThreads } from "./loaded-threads.ts";
import { loadedView } from "./loaded-view.ts";

/** Threads as clients see them, from their files and from what is open here. */
export class ThreadViews {
  readonly #stored: StoredThreads;
  readonly #loaded: LoadedThreads;

  constructor(stored: StoredThreads, loaded: LoadedThreads) {
    this.#stored = stored;
    this.#loaded = loaded;
  }

  /** Fails with `thread_not_found`. */
  one(threadId: string, turns: readonly WireTurn[] = []): WireThread {
    const loaded = this.#loaded.find(threadId);
    if (loaded?.ephemeral) return loadedView(loaded, turns);
    const file = this.#stored.find(threadId);
    const summary = this.#stored.summarize(file);
    return summary === null && loaded !== null
      ? loadedView(loaded, turns)
      : this.ofSummary(summary ?? nothingOf(file), this.#stored.names(), turns);
  }

  /** A thread that was opened just now, as what is known of it here: its file is not read for it. */
  fresh(loaded: LoadedThread): WireThread {
    return loadedView(loaded, []);
  }

  ofSummary(
    summary: ThreadSummary,
    names: ReadonlyMap<string, string>,
    turns: readonly WireTurn[] = [],
  ): WireThread {
    const loaded = this.#loaded.find(summary.id);
    const name = names.get(summary.id) ?? null;
    if (loaded === null) return threadView(summary, { status: { type: "notLoaded" }, name, turns });
    const settings = loaded.engine.settings();
    return threadView(summary, { status: loaded.status, name, turns, settings });
  }
}

function nothingOf(file: { id: string; path: string }): ThreadSummary {
  const { id, path } = file;
  return { id, path, meta: null, preview: "", lastTurnContext: null, createdMs: 0, modifiedMs: 0 };
}
