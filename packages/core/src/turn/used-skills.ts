import type { TurnContext } from "./turn-context.ts";
import { type PreparedInput, wordsOf } from "./user-message.ts";

/** Adds the skills that a message of the user names behind it, and says so. */
export async function addSkills({ parts, turnId }: TurnContext, message: PreparedInput): Promise<void> {
  const { record, skills, newId } = parts;
  if (skills === undefined) return;
  const used = await skills(wordsOf(message));
  record.addHistory(used.messages);
  for (const note of used.notes) record.itemCompleted(turnId, { type: "warning", id: newId(), ...note });
}
