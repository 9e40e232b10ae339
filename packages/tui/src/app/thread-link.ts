import type { Client } from "@quire/client";
import type { ModeKind } from "@quire/protocol";
import type { ServerNotification, WireThread, WireUserInput } from "@quire/protocol/app-server";
import type { Written } from "../composer/composer.ts";
import { caughtUp, KnownHistory } from "../state/caught-up.ts";
import { reduce } from "../state/reduce.ts";
import { emptyThread, type ThreadState, type TimelineEntry } from "../state/thread-state.ts";
import type { Opened } from "./open-thread.ts";
import {
  changed,
  settingsOf,
  settingsTold,
  type ThreadSettings,
  type TurnChange,
} from "./thread-settings.ts";
import { UnreadMessages } from "./unread-messages.ts";

/** Which of a thread's turns are shown when it is opened again. */
const SHOWN_TURNS = 20;

/** One open thread: its state, what is sent to it, and what comes from it. */
export class ThreadLink {
  readonly thread: WireThread;
  #settings: ThreadSettings;
  #state: ThreadState;
  #change: TurnChange = {};
  #hasTurns = false;
  /** A turn was asked for, and its beginning has not been told yet. */
  #starting: Promise<unknown> | null = null;
  /** The turn that was begun by us, until its beginning is told. */
  #announced: string | null = null;
  #lastStarted: string | null = null;
  #onStarted: () => void = () => undefined;
  readonly #unread = new UnreadMessages();
  /** What was shown of it, so that nothing is shown twice when it is read again. */
  readonly #known = new KnownHistory();
  /** What was read of it: that is told of late, or not at all. */
  readonly #read = new KnownHistory();
  /** What is told while the thread is read, or has to be before anything of it is shown. */
  #held: ServerNotification[] | null;
  readonly #client: Client;
  readonly #onEnded: (entries: readonly TimelineEntry[]) => void;
  #stop: () => void;

  /**
   * `onEnded` is called for every notification of the thread, with what it ended, often nothing; for a thread that is not
   * new, from `history` on.
   */
  constructor(
    client: Client,
    { opened, isNew }: { opened: Opened; isNew: boolean },
    onEnded: (entries: readonly TimelineEntry[]) => void,
  ) {
    this.thread = opened.thread;
    this.#held = isNew ? null : [];
    this.#client = client;
    this.#onEnded = onEnded;
    this.#settings = settingsOf(opened);
    this.#state = {
      ...emptyThread(opened.thread.id),
      name: opened.thread.name,
      status: opened.thread.status,
      mode: opened.collaborationMode?.mode ?? "default",
    };
    this.#stop = client.onNotification((notification) => this.#take(notification));
  }

  get id(): string {
    return this.thread.id;
  }

  /** Whether anything was ever said in it. */
  get isEmpty(): boolean {
    return this.thread.preview === "" && !this.#hasTurns;
  }

  get state(): ThreadState {
    return this.#state;
  }

  get settings(): ThreadSettings {
    return this.#settings;
  }

  /** What was said into the running turn and waits there for the model's next step. */
  get unread(): readonly Written[] {
    return this.#unread.all;
  }

  /** Takes out what a turn that has ended never read; null when it read everything. */
  takeUnread(turnId: string): Written | null {
    return this.#unread.takeLeftBy(turnId);
  }

  /** Whether a turn runs, or was asked for. */
  get isBusy(): boolean {
    return this.#turnId !== null || this.#starting !== null;
  }

  get #turnId(): string | null {
    return this.#state.turn?.id ?? this.#announced;
  }

  /** Counts from the next turn on. */
  change(change: TurnChange): void {
    this.#change = { ...this.#change, ...change };
    this.#settings = changed(this.#settings, change);
  }

  /** Joins the running turn, or begins one. */
  async send(written: Written): Promise<void> {
    const input = inputOf(written);
    // Two messages in one breath: the second joins the turn that the first one begins.
    await this.#starting?.catch(() => undefined);
    const turnId = this.#turnId;
    if (turnId !== null) {
      await this.#steer(written, turnId);
      return;
    }
    const change = this.#change;
    await this.#begin(this.#client.request("turn/start", { threadId: this.id, input, ...change }));
    if (this.#change === change) this.#change = {};
  }

  async #steer(written: Written, turnId: string): Promise<void> {
    const id = this.#unread.add(written, turnId);
    try {
      await this.#client.request("turn/steer", {
        threadId: this.id,
        input: inputOf(written),
        expectedTurnId: turnId,
        clientUserMessageId: id,
      });
    } catch (thrown) {
      this.#unread.drop(id);
      throw thrown;
    }
    if (!this.#unread.accept(id) || this.#turnId === turnId) return;
    // The turn ended between taking it and saying so.
    this.#unread.drop(id);
    await this.send(written);
  }

  /** What was changed counts from now on, with the mode where one is given. */
  async applyChanges(mode?: ModeKind): Promise<void> {
    const change = this.#change;
    if (mode === undefined && Object.keys(change).length === 0) return;
    await this.#client.request("thread/settings/update", {
      threadId: this.id,
      ...change,
      ...(mode === undefined ? {} : { collaborationMode: { mode } }),
    });
    if (this.#change === change) this.#change = {};
  }

  /** Begins the turn that builds the plan that was read; plan mode is over with it. */
  async approvePlan(itemId: string): Promise<void> {
    await this.applyChanges();
    await this.#begin(this.#client.request("thread/plan/approve", { threadId: this.id, itemId }));
  }

  /** What a thread does not say of itself when it is opened again: its goal. */
  async loadStanding(): Promise<void> {
    const threadId = this.id;
    // Servers from before there were goals know none; what is known stays.
    const read = await this.#client.request("thread/goal/get", { threadId }).catch(() => null);
    if (read !== null) this.#state = { ...this.#state, goal: read.goal ?? null };
  }

  async #begin(starting: Promise<{ turn: { id: string } }>): Promise<void> {
    this.#starting = starting;
    try {
      const { turn } = await starting;
      if (this.#lastStarted !== turn.id) this.#announced = turn.id;
    } finally {
      this.#starting = null;
    }
  }

  /** Runs a command of the user's own, as a turn; the model learns of it with its next one. */
  async runShell(command: string): Promise<void> {
    const began = this.#lastStarted;
    // Its turn has no name in the answer, so its beginning is waited for.
    let told = () => {};
    const seen = new Promise<void>((resolve) => {
      told = resolve;
    });
    this.#onStarted = told;
    this.#starting = seen;
    try {
      await this.#client.request("thread/shellCommand", { threadId: this.id, command });
      if (this.#lastStarted === began) await seen;
    } finally {
      this.#starting = null;
    }
  }

  async interrupt(): Promise<void> {
    const turnId = this.#turnId;
    if (turnId !== null) await this.#client.request("turn/interrupt", { threadId: this.id, turnId });
  }

  /**
   * Gives `show` the last turns of a thread that was opened again, oldest first, as they would have been shown. A turn may
   * run in it already, begun by another client or by what was queued: its end comes by `onEnded`.
   */
  async history(
    show: (read: { entries: readonly TimelineEntry[]; hasEarlier: boolean }) => void,
  ): Promise<void> {
    try {
      const { turns, hasEarlier } = await this.#readTurns();
      const { state, ended } = caughtUp(this.#state, turns, this.#known);
      this.#state = state;
      this.#hasTurns ||= turns.length > 0;
      show({ entries: ended, hasEarlier });
    } finally {
      this.#release();
    }
  }

  /** Oldest first. */
  async #readTurns() {
    const { data, nextCursor } = await this.#client.request("thread/turns/list", {
      threadId: this.id,
      limit: SHOWN_TURNS,
      sortDirection: "desc",
      itemsView: "full",
    });
    const turns = data.reverse();
    for (const turn of turns) this.#read.addTurn(turn);
    return { turns, hasEarlier: nextCursor !== null };
  }

  /** Goes on with what was told meanwhile. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const notification of held) this.#take(notification);
  }

  /** Follows the thread over a new connection, and gives to `onEnded` what ended while there was none. */
  async catchUp(): Promise<void> {
    this.#held = [];
    try {
      const params = { threadId: this.id, excludeTurns: true, excludeHistory: true };
      const { thread, collaborationMode } = await this.#client.request("thread/resume", params);
      const { turns } = await this.#readTurns();
      for (const item of turns.flatMap((turn) => turn.items)) this.#unread.takeItem(item);
      const { state, ended } = caughtUp(this.#state, turns, this.#known);
      const mode = collaborationMode?.mode ?? "default";
      this.#state = { ...state, name: thread.name, status: thread.status, mode };
      await this.loadStanding();
      this.#announced = null;
      this.#hasTurns ||= turns.length > 0;
      this.#onEnded(ended);
    } finally {
      this.#release();
    }
  }

  /** Stops following. May be called twice. */
  close(): void {
    this.#stop();
    this.#stop = () => undefined;
  }

  #take(notification: ServerNotification): void {
    const { params } = notification;
    const id = "threadId" in params ? params.threadId : "thread" in params ? params.thread.id : null;
    if (id !== this.id) return;
    if (this.#held !== null) {
      this.#held.push(notification);
      return;
    }
    if (this.#read.isPast(notification)) return;
    this.#known.add(notification);
    this.#unread.take(notification);
    if (notification.method === "turn/started") {
      this.#hasTurns = true;
      this.#announced = null;
      this.#lastStarted = notification.params.turn.id;
      this.#onStarted();
    }
    if (notification.method === "thread/settings/updated") {
      this.#settings = settingsTold(notification.params.threadSettings, this.#change);
    }
    const { state, ended } = reduce(this.#state, notification);
    this.#state = state;
    this.#onEnded(ended);
  }
}

export function inputOf({ text, images }: Written): WireUserInput[] {
  return [
    ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ...images.map((path) => ({ type: "localImage" as const, path })),
  ];
}
