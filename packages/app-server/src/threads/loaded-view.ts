import type { ThreadSummary } from "@quire/core";
import type { WireThread, WireTurn } from "@quire/protocol/app-server";
import { threadView } from "../wire/thread-view.ts";
import type { LoadedThread } from "./loaded-thread.ts";

/** A thread as what is known of it here: its file, if it has one, is not read for it. */
export function loadedView(loaded: LoadedThread, turns: readonly WireTurn[]): WireThread {
  const { meta } = loaded.engine;
  const createdMs = Date.parse(meta.timestamp);
  const summary: ThreadSummary = {
    id: loaded.id,
    path: loaded.engine.thread.rolloutPath ?? "",
    meta,
    preview: "",
    lastTurnContext: null,
    createdMs,
    modifiedMs: createdMs,
  };
  const { status, ephemeral } = loaded;
  return threadView(summary, { status, name: null, turns, ephemeral, settings: loaded.engine.settings() });
}
