import type { TurnContext } from "./turn-context.ts";
import type { PreparedInput } from "./user-message.ts";

/** Adds the skills that a message of the user names behind it, and says so. */
export async function addSkills({ parts, turnId }: TurnContext, message: PreparedInput): Promise<void> {
  const { record, skills, newId } = parts;
  if (skills === undefined || message.threadItem.type !== "userMessage") return;
  const words = message.threadItem.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const used = await skills(words.join("\n"));
  record.addHistory(used.messages);
  for (const note of used.notes) record.itemCompleted(turnId, { type: "warning", id: newId(), ...note });
}
