import type { Client } from "@quire/client";
import type { TimelineEntry } from "../state/thread-state.ts";
import type { Opened } from "./open-thread.ts";
import { backgroundCount } from "./status-line.ts";
import { ThreadLink } from "./thread-link.ts";
import { ThreadQueue } from "./thread-queue.ts";
import { TurnRecord } from "./turn-record.ts";

/** What ended in a thread while another one was shown; more than this is found in its transcript. */
const MOST_MISSED = 400;

/** Where a thread of the window stands, for those that look at another one. */
export type Attention = "asks" | "ended" | "works" | "rests";

export interface WindowThreadListeners {
  readonly now: () => number;
  /** Told what each notification ended, often nothing. */
  readonly ended: (thread: WindowThread, entries: readonly TimelineEntry[]) => void;
  /** What waits for it has changed. */
  readonly queueChanged: (thread: WindowThread) => void;
}

/** One thread of the window, shown or in the background, with what waits to be sent to it. */
export class WindowThread {
  readonly link: ThreadLink;
  readonly queue: ThreadQueue;
  readonly turns = new TurnRecord();
  /** A turn ended while nobody looked. */
  hasEnded = false;
  #offer: AbortController | null = null;
  #missed: TimelineEntry[] = [];
  #leftOut = 0;
  #firstWords = "";

  /** One that is not new is told of from the reading of its history on. */
  constructor(client: Client, what: { opened: Opened; isNew: boolean }, on: WindowThreadListeners) {
    this.link = new ThreadLink(client, what, (entries) => {
      this.#listen(entries);
      on.ended(this, entries);
    });
    this.queue = new ThreadQueue({
      client,
      threadId: this.link.id,
      now: on.now,
      onChange: () => on.queueChanged(this),
    });
  }

  get id(): string {
    return this.link.id;
  }

  /** Its name, else what was said in it first. */
  get title(): string {
    const { state, thread } = this.link;
    return state.name ?? (thread.preview || this.#firstWords || "new thread");
  }

  /** Whether something goes on in it, or will by itself. */
  get isBusy(): boolean {
    return this.link.isBusy || this.queue.all.length > 0 || backgroundCount(this.link.state) > 0;
  }

  get attention(): Attention {
    const { status } = this.link.state;
    if (status.type === "active" && status.activeFlags.length > 0) return "asks";
    if (this.link.isBusy) return "works";
    return this.hasEnded ? "ended" : "rests";
  }

  /** Aborts when a plan that is offered now is out of date: a turn began, or plan mode was left. */
  offerSignal(): AbortSignal {
    this.#offer?.abort();
    this.#offer = new AbortController();
    return this.#offer.signal;
  }

  /** Keeps what ended for the time when it is looked at. */
  miss(entries: readonly TimelineEntry[]): void {
    if (entries.some(({ kind }) => kind === "turnEnded")) this.hasEnded = true;
    this.#missed.push(...entries);
    this.#leftOut += this.#missed.splice(0, Math.max(0, this.#missed.length - MOST_MISSED)).length;
  }

  /** What ended since it was last looked at, and how much more there was. */
  takeMissed(): { entries: readonly TimelineEntry[]; leftOut: number } {
    const taken = { entries: this.#missed, leftOut: this.#leftOut };
    this.#missed = [];
    this.#leftOut = 0;
    this.hasEnded = false;
    return taken;
  }

  /** Follows it over a new connection, and shows what changed meanwhile. */
  async catchUp(): Promise<void> {
    await this.link.catchUp();
    await this.queue.read();
  }

  /** Stops following. May be called twice. */
  close(): void {
    this.link.close();
    this.queue.close();
  }

  #listen(entries: readonly TimelineEntry[]): void {
    const { turn, mode } = this.link.state;
    if (turn !== null || mode !== "plan") this.#offer?.abort();
    if (this.#firstWords !== "") return;
    for (const entry of entries) {
      if (entry.kind !== "item" || entry.item.type !== "userMessage") continue;
      const words = entry.item.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
      this.#firstWords = words.join(" ").slice(0, 200);
      return;
    }
  }
}
