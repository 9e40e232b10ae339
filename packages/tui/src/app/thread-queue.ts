import type { Client } from "@quire/client";
import type { QueuedSubmission, ServerNotification } from "@quire/protocol/app-server";
import type { Written } from "../composer/composer.ts";
import { inputOf } from "./thread-link.ts";

/** Something that waits for the end of the turn. */
export interface Waiting {
  readonly written: Written;
  /** The server's; null for what waits in this window alone, or is on its way. */
  readonly id: string | null;
  readonly clientId: string;
  /** Whether `written` is all of it: other clients may send what cannot be written here. */
  readonly isWhole: boolean;
}

const PAGE = 500;

/** What waits, in one line. */
export function wordsOf({ text, images }: Written): string {
  const words = text.replaceAll("\n", " ").trim();
  return words === "" ? `[${images.length === 1 ? "a picture" : `${images.length} pictures`}]` : words;
}

/**
 * What waits for a thread, in the order in which it is sent. Messages lie in the server's queue, which begins them by
 * itself; every client sees them and they outlive this window. A command can only be run by the window that it was written
 * in: it waits here, and so does what is queued behind it, so that the order stays.
 */
export class ThreadQueue {
  readonly #client: Pick<Client, "request" | "onNotification">;
  readonly #threadId: string;
  readonly #now: () => number;
  readonly #onChange: () => void;
  readonly #stop: () => void;
  #stored: readonly Waiting[] = [];
  /** On the way to the server. */
  #leaving: readonly Waiting[] = [];
  #own: readonly Waiting[] = [];
  #adding: Promise<unknown> = Promise.resolve();
  #added = 0;
  #reading: Promise<void> | null = null;
  #isStale = false;

  /** `onChange` is called when the server has told what waits there now. */
  constructor(options: {
    client: Pick<Client, "request" | "onNotification">;
    threadId: string;
    now: () => number;
    onChange: () => void;
  }) {
    this.#client = options.client;
    this.#threadId = options.threadId;
    this.#now = options.now;
    this.#onChange = options.onChange;
    this.#stop = options.client.onNotification((notification) => this.#take(notification));
  }

  get all(): readonly Waiting[] {
    const stored = new Set(this.#stored.map(({ clientId }) => clientId));
    return [...this.#stored, ...this.#leaving.filter(({ clientId }) => !stored.has(clientId)), ...this.#own];
  }

  /** How many messages the server has, or is about to get. */
  get stored(): number {
    return this.all.length - this.#own.length;
  }

  /** Rejects when the server does not take it; it then waits nowhere. */
  async add(written: Written, options: { isCommand: boolean }): Promise<void> {
    this.#added += 1;
    // Other windows may queue for the same thread.
    const clientId = `queued-${this.#now()}-${this.#added}`;
    const waiting: Waiting = { written, id: null, clientId, isWhole: true };
    if (options.isCommand || this.#own.length > 0) {
      this.#own = [...this.#own, waiting];
      return;
    }
    this.#leaving = [...this.#leaving, waiting];
    const adding = this.#client
      .request("thread/queue/add", {
        threadId: this.#threadId,
        input: inputOf(written),
        clientUserMessageId: clientId,
      })
      .then(() => this.read())
      .finally(() => {
        this.#leaving = this.#leaving.filter((each) => each !== waiting);
      });
    this.#adding = Promise.all([this.#adding, adding.catch(() => undefined)]);
    await adding;
  }

  /** Takes one out; false when it has begun already, or somebody else was quicker. */
  async take(waiting: Waiting): Promise<boolean> {
    if (waiting.id === null) {
      const before = this.#own.length;
      this.#own = this.#own.filter((each) => each !== waiting);
      return this.#own.length < before;
    }
    const { deleted } = await this.#client.request("thread/queue/delete", {
      threadId: this.#threadId,
      queuedSubmissionId: waiting.id,
    });
    this.#stored = this.#stored.filter(({ id }) => id !== waiting.id);
    return deleted;
  }

  /** Takes out what was queued last; null when nothing waits that could be written here. */
  async takeLast(): Promise<Written | null> {
    await this.#adding;
    const last = this.all.at(-1);
    if (last === undefined || !last.isWhole) return null;
    return (await this.take(last)) ? last.written : null;
  }

  /** Begins with the message now. */
  async begin(waiting: Waiting): Promise<void> {
    if (waiting.id === null) return;
    await this.#client.request("thread/queue/start", {
      threadId: this.#threadId,
      queuedSubmissionId: waiting.id,
    });
  }

  /** What waits in this window alone, once nothing is before it any more. It stays until `dropOwn`. */
  get nextOwn(): Written | null {
    return this.stored > 0 ? null : (this.#own[0]?.written ?? null);
  }

  dropOwn(): void {
    this.#own = this.#own.slice(1);
  }

  /** Asks the server what waits there; where it cannot say, what is known stays. */
  read(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  /** Hears of nothing any more. May be called twice. */
  close(): void {
    this.#stop();
  }

  async #readAll(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const params = { threadId: this.#threadId, limit: PAGE };
      // A connection that was lost is caught up with; a server from before there were queues has none.
      const read = await this.#client.request("thread/queue/list", params).catch(() => null);
      if (read !== null) this.#stored = read.data.map(waitingOf);
    }
    this.#onChange();
  }

  #take({ method, params }: ServerNotification): void {
    if (method === "thread/queue/changed" && params.threadId === this.#threadId) void this.read();
  }
}

function waitingOf({ id, input, clientUserMessageId: clientId }: QueuedSubmission): Waiting {
  const texts = input.flatMap((part) => (part.type === "text" ? [part.text] : []));
  const images = input.flatMap((part) => (part.type === "localImage" ? [part.path] : []));
  const isWhole = texts.length + images.length === input.length && texts.length <= 1;
  return { written: { text: texts.join("\n"), images }, id, clientId, isWhole };
}
