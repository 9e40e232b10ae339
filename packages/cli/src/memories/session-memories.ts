import { memoriesText } from "@quire/core/memories";
import type { SessionRequest } from "../session/session-request.ts";
import { MemoryStore } from "./memory-store.ts";
import { memoryRoot } from "./project-root.ts";

/** What a session is told of earlier threads. */
export interface SessionMemories {
  /** Null without any. */
  text: string | null;
  /** The files behind it. */
  paths: readonly string[];
  /** Their ids. */
  ids: readonly string[];
}

const DAY_MS = 86_400_000;

/** Chooses the memories for a session's place, and notes that they were shown unless the session leaves no trace. */
export function sessionMemories({
  home,
  workspace,
  loaded,
  system,
  ephemeral,
}: SessionRequest): SessionMemories {
  const store = new MemoryStore(home);
  const root = memoryRoot(workspace.cwd);
  const known = store.list(root);
  const { text, shown } = memoriesText(known);
  if (!ephemeral && known.length > 0) {
    store.noteShown(shown, root, system.now(), loaded.config.memories.maxUnusedDays * DAY_MS);
  }
  return { text, paths: known.filter(({ id }) => shown.includes(id)).map(({ path }) => path), ids: shown };
}
