import type { SessionRequest } from "../session/session-request.ts";
import type { SessionMemories } from "./session-memories.ts";

const NONE: SessionMemories = { text: null, paths: [], ids: [] };

/** Their code is only loaded where they are on. They stay the same while the session is open. */
export async function memoriesFor(request: SessionRequest): Promise<SessionMemories> {
  if (!request.loaded.config.memories.use || request.withoutMcp) return NONE;
  const { sessionMemories } = await import("./session-memories.ts");
  return sessionMemories(request);
}
