import type { ThreadEvent } from "@quire/protocol";

export interface SubscribeOptions {
  /** Events that may wait for this reader, 1,024 by default. */
  capacity?: number;
  /** Whether the reader wants text and output deltas at all. */
  deltas?: boolean;
}

/** One reader's view. Iteration ends after `close()` or when the thread is closed and everything is read. */
export interface EventReader extends AsyncIterable<ThreadEvent> {
  /** How many events were passed to it, and how many of them it has not given out yet. */
  readonly published: number;
  readonly waiting: number;
  close(): void;
}

/**
 * Passes every event to every reader, in order, and never waits for one. A reader that falls behind first loses deltas,
 * then the oldest events; either way its next event is `stream/lagged` with the count, and the log has the rest.
 */
export interface EventFanOut {
  publish(event: ThreadEvent): void;
  subscribe(options?: SubscribeOptions): EventReader;
  close(): void;
}

export function createFanOut(threadId: string): EventFanOut {
  const readers = new Set<ReaderQueue>();
  let closed = false;
  return {
    publish(event) {
      for (const reader of readers) reader.push(event);
    },
    subscribe(options = {}) {
      const reader = new ReaderQueue(threadId, options, () => readers.delete(reader));
      if (closed) reader.end();
      else readers.add(reader);
      return reader;
    },
    close() {
      closed = true;
      for (const reader of readers) reader.end();
      readers.clear();
    },
  };
}

function isDelta(event: ThreadEvent): boolean {
  return (
    event.method === "item/agentMessage/delta" ||
    event.method === "item/reasoning/summaryTextDelta" ||
    event.method === "item/commandExecution/outputDelta"
  );
}

class ReaderQueue implements EventReader {
  #queue: ThreadEvent[] = [];
  #head = 0;
  #dropped = 0;
  #published = 0;
  #ended = false;
  #wake: (() => void) | null = null;
  readonly #threadId: string;
  readonly #capacity: number;
  readonly #deltas: boolean;
  readonly #onClose: () => void;

  constructor(threadId: string, options: SubscribeOptions, onClose: () => void) {
    this.#threadId = threadId;
    this.#capacity = options.capacity ?? 1024;
    this.#deltas = options.deltas ?? true;
    this.#onClose = onClose;
  }

  get published(): number {
    return this.#published;
  }

  get waiting(): number {
    return this.#queue.length - this.#head;
  }

  push(event: ThreadEvent): void {
    if (this.#ended || (!this.#deltas && isDelta(event))) return;
    this.#published += 1;
    if (this.waiting >= this.#capacity) this.#makeRoom();
    this.#queue.push(event);
    this.#wakeReader();
  }

  #makeRoom(): void {
    const waiting = this.#queue.slice(this.#head);
    const kept = waiting.filter((event) => !isDelta(event));
    if (kept.length === waiting.length) kept.splice(0, Math.ceil(this.#capacity / 4));
    this.#dropped += waiting.length - kept.length;
    this.#queue = kept;
    this.#head = 0;
  }

  #take(): ThreadEvent | null {
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return { method: "stream/lagged", params: { threadId: this.#threadId, dropped } };
    }
    const event = this.#queue[this.#head];
    if (event === undefined) return null;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return event;
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wakeReader();
  }

  close(): void {
    this.#queue = [];
    this.#head = 0;
    this.#dropped = 0;
    this.end();
    this.#onClose();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ThreadEvent> {
    try {
      for (;;) {
        const event = this.#take();
        if (event) yield event;
        else if (this.#ended) return;
        else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      this.close();
    }
  }
}
