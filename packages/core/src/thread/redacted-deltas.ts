import type { ThreadEvent } from "@quire/protocol";
import type { Redactor } from "../redaction/redactor.ts";

/** An event that carries a piece of a text. */
export type DeltaEvent = Extract<ThreadEvent, { params: { delta: string } }>;

export function isDelta(event: ThreadEvent): event is DeltaEvent {
  return "delta" in event.params && typeof event.params.delta === "string";
}

interface OpenText {
  stream: ReturnType<Redactor["openStream"]>;
  last: DeltaEvent;
}

/** Live text without secrets, also where one is spread over several pieces. */
export class RedactedDeltas {
  readonly #redactor: Redactor;
  /** By item and part of it. */
  readonly #open = new Map<string, Map<string, OpenText>>();

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** The piece with what may be shown of it; null when that is nothing yet. */
  push(event: DeltaEvent): DeltaEvent | null {
    const texts = this.#open.get(event.params.itemId) ?? new Map<string, OpenText>();
    this.#open.set(event.params.itemId, texts);
    const key = `${event.method}:${"summaryIndex" in event.params ? event.params.summaryIndex : 0}`;
    const text = texts.get(key) ?? { stream: this.#redactor.openStream(), last: event };
    text.last = event;
    texts.set(key, text);
    return withDelta(event, text.stream.push(event.params.delta));
  }

  /** What was held back of an item's texts, which are then complete. */
  end(itemId: string): DeltaEvent[] {
    const texts = this.#open.get(itemId);
    if (texts === undefined) return [];
    this.#open.delete(itemId);
    return [...texts.values()].flatMap(({ stream, last }) => withDelta(last, stream.end()) ?? []);
  }

  /** Forgets texts that will not be completed, such as those of a call that is made again. */
  clear(): void {
    this.#open.clear();
  }
}

function withDelta(event: DeltaEvent, delta: string): DeltaEvent | null {
  if (delta === "") return null;
  // The method stays, so the parameters still belong to it.
  return delta === event.params.delta
    ? event
    : ({ ...event, params: { ...event.params, delta } } as DeltaEvent);
}
