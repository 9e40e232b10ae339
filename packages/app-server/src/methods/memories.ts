import type { Engine } from "../engine.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";

/** What is remembered of earlier threads, and whether a thread takes part. */
export function memoryMethods(
  engine: Pick<Engine, "memories">,
  loaded: LoadedThreads,
): Handlers<
  | "thread/memoryMode/set"
  | "thread/memory/read"
  | "memory/status"
  | "memory/list"
  | "memory/forget"
  | "memory/reset"
> {
  return {
    "thread/memoryMode/set"({ threadId, mode }) {
      loaded.get(threadId).engine.thread.setMemoryMode(mode);
      return {};
    },
    "thread/memory/read": ({ threadId }) => loaded.get(threadId).engine.memory(),
    "memory/status": async ({ cwd }) => (await engine.memories()).status(cwd ?? null),
    "memory/list": async ({ cwd }) => ({ data: (await engine.memories()).list(cwd ?? null) }),
    "memory/forget": async ({ id }) => ({ forgotten: (await engine.memories()).forget(id) }),
    "memory/reset": async () => ({ forgotten: (await engine.memories()).reset() }),
  };
}
