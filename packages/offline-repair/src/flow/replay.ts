import type { Conversation } from "./conversation.ts";
import type { RepairSettings } from "./repair.ts";
import type { Answer, Flow, Step } from "./step.ts";

/** Turns of this many threads are kept; a turn that is not kept is replayed, which only costs time. */
const KEPT = 4;

/**
 * Brings turns to where their conversations end. A turn that the request before brought nearly there is resumed instead
 * of run again: it depends on its replies alone, so both lead to the same step.
 */
export function createReplay(start: (task: string, settings: RepairSettings) => Flow<Answer>) {
  const waiting = new Map<string, Flow<Answer>>();
  return ({ task, replies }: Conversation, settings: RepairSettings): Step | Answer => {
    const keyOf = (count: number) => JSON.stringify([task, settings, replies.slice(0, count)]);
    const before = keyOf(replies.length - 1);
    const known = replies.length === 0 ? undefined : waiting.get(before);
    waiting.delete(before);
    const flow = known ?? start(task, settings);
    let next = known === undefined ? flow.next() : null;
    for (const reply of known === undefined ? replies : replies.slice(-1))
      if (!next?.done) next = flow.next(reply);
    if (next === null) throw new Error("a turn was asked for the same step twice");
    if (!next.done) waiting.set(keyOf(replies.length), flow);
    for (const oldest of [...waiting.keys()].slice(0, -KEPT)) waiting.delete(oldest);
    return next.value;
  };
}
