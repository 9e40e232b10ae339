import type { TimelineEntry } from "../state/thread-state.ts";
import type { EndedTurn } from "./ports.ts";

/** Gathers what was said in a turn from what ends, until the turn does. */
export class TurnRecord {
  #inputs: string[] = [];
  #answer: string | null = null;

  /** The turn, when these entries end one. */
  take(
    entries: readonly TimelineEntry[],
    { threadId, cwd }: Pick<EndedTurn, "threadId" | "cwd">,
  ): EndedTurn | null {
    let ended: EndedTurn | null = null;
    for (const entry of entries) {
      if (entry.kind === "turnEnded") {
        const { id: turnId } = entry.turn;
        ended = { threadId, turnId, cwd, inputMessages: this.#inputs, lastAssistantMessage: this.#answer };
        this.#inputs = [];
        this.#answer = null;
      } else if (entry.kind === "item") this.#takeItem(entry.item);
    }
    return ended;
  }

  #takeItem(item: Extract<TimelineEntry, { kind: "item" }>["item"]): void {
    if (item.type === "agentMessage") this.#answer = item.text;
    if (item.type !== "userMessage") return;
    const texts = item.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
    this.#inputs.push(texts.join("\n"));
  }
}
