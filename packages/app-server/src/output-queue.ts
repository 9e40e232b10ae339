import type { Channel } from "./channel.ts";

/** One frame on its way out. A droppable one only shows progress: what it says comes again in a whole item. */
export interface OutgoingFrame {
  text: string;
  droppable: boolean;
  threadId: string | null;
}

export interface OutputLimits {
  /** Above this droppable frames are thrown away. */
  softBytes: number;
  /** Above this the client is given up. */
  hardBytes: number;
}

export const OUTPUT_LIMITS: OutputLimits = { softBytes: 4 * 1024 * 1024, hardBytes: 64 * 1024 * 1024 };

/**
 * What a client has not read yet. Nobody ever waits for it: a client that falls behind loses deltas first and is told how
 * many, one that does not read at all is disconnected.
 */
export class OutputQueue {
  #waiting: OutgoingFrame[] = [];
  #bytes = 0;
  #blocked = false;
  #dropped = new Map<string | null, number>();
  #ended = false;
  #forRoom: (() => void)[] = [];
  readonly #channel: Channel;
  readonly #limits: OutputLimits;
  readonly #onHopeless: () => void;
  readonly #laggedFrame: (threadId: string | null, dropped: number) => string;

  constructor(
    channel: Channel,
    options: {
      limits: OutputLimits;
      /** The client cannot be helped; called once. */
      onHopeless: () => void;
      laggedFrame: (threadId: string | null, dropped: number) => string;
    },
  ) {
    this.#channel = channel;
    this.#limits = options.limits;
    this.#onHopeless = options.onHopeless;
    this.#laggedFrame = options.laggedFrame;
  }

  push(frame: OutgoingFrame): void {
    if (this.#ended) return;
    if (!this.#blocked) {
      this.#blocked = !this.#channel.send(frame.text);
      return;
    }
    if (frame.droppable && this.#bytes >= this.#limits.softBytes) {
      this.#countDropped(frame);
      return;
    }
    this.#waiting.push(frame);
    this.#bytes += frame.text.length;
    if (this.#bytes > this.#limits.softBytes) this.#dropDeltas();
    if (this.#bytes > this.#limits.hardBytes) {
      this.end();
      this.#onHopeless();
    }
  }

  /**
   * For who can wait: null while the client keeps up, else resolves when it has read what was written, or is gone. What
   * must come whole and has no end goes out no faster than that.
   */
  room(): Promise<void> | null {
    if (this.#ended || this.#waiting.length === 0) return null;
    return new Promise((resolve) => {
      this.#forRoom.push(resolve);
    });
  }

  /** The channel takes frames again. */
  drained(): void {
    this.#blocked = false;
    this.#flush();
    if (this.#waiting.length === 0) this.#tellRoom();
  }

  #tellRoom(): void {
    for (const resolve of this.#forRoom.splice(0)) resolve();
  }

  #flush(): void {
    while (!this.#blocked && !this.#ended) {
      const text = this.#next();
      if (text === null) return;
      this.#blocked = !this.#channel.send(text);
    }
  }

  end(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#bytes = 0;
    this.#dropped.clear();
    this.#tellRoom();
  }

  #next(): string | null {
    for (const [threadId, dropped] of this.#dropped) {
      this.#dropped.delete(threadId);
      return this.#laggedFrame(threadId, dropped);
    }
    const frame = this.#waiting.shift();
    if (frame === undefined) return null;
    this.#bytes -= frame.text.length;
    return frame.text;
  }

  #dropDeltas(): void {
    this.#waiting = this.#waiting.filter((frame) => {
      if (!frame.droppable) return true;
      this.#bytes -= frame.text.length;
      this.#countDropped(frame);
      return false;
    });
  }

  #countDropped(frame: OutgoingFrame): void {
    this.#dropped.set(frame.threadId, (this.#dropped.get(frame.threadId) ?? 0) + 1);
  }
}
