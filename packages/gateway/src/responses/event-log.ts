/** One event of a response's stream, already in JSON because each reader sends the same bytes. */
export interface LoggedEvent {
  /** Its `sequence_number`. */
  sequence: number;
  type: string;
  json: string;
}

/**
 * The stream of one response: written once, read by any number of readers, each from where it wants. Readers never hold
 * the writer up. Bounded by `maxBytes`; whoever writes beyond it is told so.
 */
export class EventLog {
  readonly #events: LoggedEvent[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False when the log is full; the event is kept all the same, so that a last one can say why. */
  append(event: LoggedEvent): boolean {
    this.#events.push(event);
    this.#bytes += event.json.length;
    this.#wake();
    return this.#bytes <= this.#maxBytes;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Every event after the given sequence number, those to come included, until the log ends or the signal aborts. */
  async *read(after: number, signal: AbortSignal): AsyncGenerator<LoggedEvent> {
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      for (let at = Math.max(0, after + 1); !signal.aborted; ) {
        const event = this.#events[at];
        if (event !== undefined) {
          at += 1;
          yield event;
        } else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener("abort", wake);
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
