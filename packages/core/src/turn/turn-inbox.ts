import type { ResponseItem } from "@quire/protocol";
import type { TurnContext } from "./turn-context.ts";
import { addHookContext, submitHooks } from "./turn-hooks.ts";
import { addSkills } from "./used-skills.ts";
import { type PreparedInput, wordsOf } from "./user-message.ts";

/** Messages that wait to join the turn: the first request's, then whatever the user says while the agent works. */
export interface TurnInbox {
  /** Empties the box. */
  take(): PreparedInput[];
  isEmpty(): boolean;
  /** The same for what was done beside the turn and the model is to know. */
  takeNotes(): ResponseItem[];
}

/** Adds messages to the context, with what hooks and skills have to say about each. */
export async function addMessages(turn: TurnContext, messages: readonly PreparedInput[]): Promise<void> {
  for (const message of messages) {
    const verdict = await submitHooks(turn, wordsOf(message));
    turn.parts.record.addHistory([message.historyItem]);
    turn.parts.record.itemCompleted(turn.turnId, message.threadItem);
    await addSkills(turn, message);
    addHookContext(turn, verdict);
  }
}

/** Between the answers to calls and the next request, so that no call is cut off from its answer. */
export function addNotes(turn: TurnContext, inbox: TurnInbox): void {
  const notes = inbox.takeNotes();
  if (notes.length > 0) turn.parts.record.addHistory(notes);
}
