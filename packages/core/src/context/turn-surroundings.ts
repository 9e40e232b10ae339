import type { MessageItem, ResponseItem } from "@quire/protocol";
import { goalText } from "../goals/goal-text.ts";
import type { TurnContext } from "../turn/turn-context.ts";
import { missingContext } from "./session-context.ts";

/** What the model must know and `history` does not hold: the surroundings of the settings, and what the thread itself keeps. */
export function missingFrom(turn: TurnContext, history: readonly ResponseItem[]): MessageItem[] {
  const { record } = turn.parts;
  const goal = turn.settings.planMode === true ? null : goalText(record.goal);
  const memories = record.memoryMode === "disabled" ? null : turn.settings.surroundings.memories;
  return missingContext(
    history,
    record.redact({
      ...turn.settings.surroundings,
      ...(goal === null ? {} : { goal }),
      ...(memories == null ? { memories: null } : {}),
    }),
  );
}
