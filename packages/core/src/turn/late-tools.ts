import type { Tool } from "@quire/tools";
import type { TurnContext } from "./turn-context.ts";

/**
 * Tools of programs that start beside the thread, asked for at the start of each turn. It may wait; rejecting ends the
 * turn with that error. The warnings are logged with the turn.
 */
export type LateTools = (signal: AbortSignal) => Promise<{
  tools: readonly Tool[];
  warnings: readonly { code: string; message: string }[];
}>;

/** The same turn with the tools that are there by now. They stay as they are until it ends, as all its tools do. */
export async function withLateTools(turn: TurnContext): Promise<TurnContext> {
  const { lateTools, goalTools, record, newId } = turn.parts;
  const late = await lateTools?.(turn.signal);
  for (const { code, message } of late?.warnings ?? []) {
    record.itemCompleted(turn.turnId, { type: "warning", id: newId(), code, message });
  }
  const more = [...(late?.tools ?? []), ...(await goalTools())];
  if (more.length === 0) return turn;
  const tools = [...turn.parts.tools, ...more].sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  return { ...turn, parts: { ...turn.parts, tools } };
}
