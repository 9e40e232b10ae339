import { cutMarkdown } from "../markdown/finished-part.ts";
import type { LiveItem, TimelineEntry } from "./thread-state.ts";

/** Characters of a running command's output, or of reasoning, that are kept to be shown; the item brings the rest. */
const OUTPUT_TAIL = 16_384;

/** Adds a delta. Finished paragraphs of an answer go to the timeline at once; of a command's output the tail is kept. */
export function streamText(before: LiveItem, delta: string): { live: LiveItem; entry: TimelineEntry | null } {
  const text = before.streamed + delta;
  switch (before.item.type) {
    case "agentMessage":
      return streamAnswer(before, text, delta);
    case "commandExecution":
    case "reasoning":
      return { live: { ...before, streamed: tailOf(text) }, entry: null };
    default:
      return { live: { ...before, streamed: text }, entry: null };
  }
}

function streamAnswer(
  before: LiveItem,
  text: string,
  delta: string,
): { live: LiveItem; entry: TimelineEntry | null } {
  if (!delta.includes("\n")) return { live: { ...before, streamed: text }, entry: null };
  const { finished, rest, place } = cutMarkdown(text, before.place);
  if (finished === "") return { live: { ...before, streamed: text, place }, entry: null };
  return {
    live: { ...before, streamed: rest, shown: before.shown + finished.length, place },
    entry: {
      kind: "text",
      itemId: before.item.id,
      text: finished,
      fence: before.place.fence,
      isJoined: before.place.isJoined,
    },
  };
}

/** Cut at a line where there is one, and only when twice the bound is reached, so that a flood is not copied each time. */
function tailOf(text: string): string {
  if (text.length <= 2 * OUTPUT_TAIL) return text;
  const tail = text.slice(-OUTPUT_TAIL);
  const line = tail.indexOf("\n");
  return line === -1 ? tail : tail.slice(line + 1);
}
