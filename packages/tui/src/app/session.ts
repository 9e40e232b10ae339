import type { ConnectionState } from "@quire/client/lasting";
import type { BlockView } from "../blocks/block-view.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { OpenHow } from "../commands/command.ts";
import { setUp } from "../commands/setup.ts";
import { pickThread } from "../commands/threads.ts";
import type { Written } from "../composer/composer.ts";
import type { AttentionKind } from "../preferences/fields.ts";
import { type Preferences, readPreferences } from "../preferences/preferences.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { banner } from "./banner.ts";
import { Conversation, type Surface } from "./conversation.ts";
import { failureLines } from "./failure.ts";
import type { Opened, ThreadParams } from "./open-thread.ts";
import { offerPlan } from "./plan-offer.ts";
import type { TuiPorts } from "./ports.ts";
import { type Ask, answerQuestions } from "./questions.ts";
import { decideTrust, openNoticeLines } from "./trust.ts";
import type { WindowThread } from "./window-thread.ts";

/** How the program is started. */
export interface TuiStart {
  readonly how: OpenHow;
  /** An earlier thread is chosen first: of this folder or of all, to go on with it or with a copy. Null: none is. */
  readonly choose: { readonly kind: "resume" | "fork"; readonly everywhere: boolean } | null;
  /** The settings that every thread of this run begins with. */
  readonly params: ThreadParams;
  /** Sent as the first message. */
  readonly prompt: Written | null;
}

/** How it ended. */
export interface TuiEnd {
  /** The thread that was shown last, when it holds anything. */
  readonly threadId: string | null;
  /** Its log, where it has one. */
  readonly log: string | null;
  /** How many messages wait for it and begin when it is opened again. */
  readonly waiting: number;
  /** Other threads of the window that hold anything. */
  readonly others: readonly string[];
}

/** What the full interface and plain lines do each in its own way. */
export interface Front extends Omit<Surface, "task" | "opened" | "switched" | "turnEnded" | "quit"> {
  readonly view: () => BlockView;
  /** How turns are seen that are not printed when a thread is opened again. */
  readonly earlier: string;
  /** Takes what is typed and shown, until the returned function is called. */
  readonly take: () => () => void;
  /** Somebody is wanted: a thread asks, or is done. */
  readonly call: (kind: AttentionKind, text: string) => void;
  /** Another thread is shown now. */
  readonly shown: () => void;
  /** A turn of a thread in the background ended. */
  readonly endedElsewhere: (title: string) => void;
  /** The first message can be written. */
  readonly begun: () => void;
  /** A turn of the thread that is shown ended. */
  readonly ready: () => void;
  /** Work that was begun has ended. */
  readonly taskEnded: () => void;
}

/** What has been begun may take this long to come to its end when the user leaves. */
const LEAVING_MS = 2000;

/** A run of the program from its first thread until the user leaves, whatever it looks like. */
export class Session {
  readonly preferences: Preferences;
  readonly conversation: Conversation;
  readonly #ports: TuiPorts;
  readonly #start: TuiStart;
  readonly #opened: Opened;
  readonly #front: Front;
  readonly #work = new Set<Promise<void>>();
  #isLeaving = false;
  #leave: (end: TuiEnd) => void = () => undefined;

  constructor(ports: TuiPorts, start: TuiStart, opened: Opened, front: Front) {
    this.#ports = ports;
    this.#start = start;
    this.#opened = opened;
    this.#front = front;
    this.preferences = readPreferences(ports.settings);
    const { params } = start;
    this.conversation = new Conversation(
      ports,
      { params, opened, how: start.how, preferences: this.preferences },
      {
        ...front,
        task: (work) => this.task(work),
        opened: (next, how) => this.#showOpened(next, how),
        switched: (thread, missed) => this.#showSwitched(thread, missed),
        turnEnded: (thread) => this.#turnEnded(thread),
        quit: () => this.quit(),
      },
    );
  }

  /** How much goes on that was begun by the user. */
  get taskCount(): number {
    return this.#work.size;
  }

  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  async run(): Promise<TuiEnd> {
    const { client, stop, connection } = this.#ports;
    const { ask, view, call } = this.#front;
    const left = new Promise<TuiEnd>((resolve) => {
      this.#leave = resolve;
    });
    const stopped = () => {
      this.#isLeaving = true;
      this.#leave(this.#end());
    };
    const release = this.#front.take();
    stop.addEventListener("abort", stopped, { once: true });
    void client.closed.then((reason) => this.#connectionEnded(reason));
    answerQuestions(client, ask, view, call);
    const stopState = connection?.onState((state) => this.#connectionChanged(state));
    const stopReconnected = connection?.onReconnected(() => this.conversation.catchUp());
    try {
      if (stop.aborted) return this.#end();
      this.task(this.#begin());
      return await left;
    } finally {
      this.#isLeaving = true;
      stop.removeEventListener("abort", stopped);
      stopState?.();
      stopReconnected?.();
      this.conversation.close();
      release();
      await this.#workDone();
    }
  }

  /** Work that somebody has begun: what goes wrong is said, with its code, and nothing ends by it. */
  task(work: Promise<void>): void {
    const done = work
      .catch((thrown: unknown) => this.#front.say(failureLines(thrown)))
      .finally(() => {
        this.#work.delete(done);
        this.#front.taskEnded();
      });
    this.#work.add(done);
  }

  quit(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const end = this.#end();
    this.task(
      this.conversation
        .leave()
        .then(() => undefined, failed)
        .finally(() => this.#leave(end)),
    );
  }

  async #begin(): Promise<void> {
    const { say } = this.#front;
    const { setup } = this.#ports;
    const { how, choose } = this.#start;
    await this.conversation.loadPrompts();
    await this.#showOpened(this.#opened, how);
    const problems = this.preferences.problems.flatMap((problem) => noticeBlock("warn", problem, null));
    if (problems.length > 0) say(problems);
    await this.#chooseThread();
    // Where no model is configured, and nobody was asked before, it is asked where one should come from.
    const isOffline = this.#opened.notices?.some(({ code }) => code === "model_offline") ?? false;
    if (setup !== null && isOffline && how.kind === "new" && choose === null && !setup.isDone()) {
      const { cwd } = this.conversation.thread.settings;
      say([lineOf(`Welcome. This works in ${safeLine(cwd)}.`, { ink: "accent" })]);
      await setUp({ ...this.conversation.context(), setup });
    }
    if (this.#start.prompt !== null) this.conversation.send(this.#start.prompt);
    else this.#front.begun();
  }

  /** Who chooses none stays in the new thread. */
  async #chooseThread(): Promise<void> {
    const { choose } = this.#start;
    if (choose === null) return;
    const context = this.conversation.context();
    const threadId = await pickThread(context, choose.everywhere ? null : context.thread.settings.cwd);
    if (threadId !== null) await context.open({ kind: choose.kind, threadId });
  }

  /** What a thread begins with on the screen; then what has to be decided before it is worked in. */
  async #showOpened(opened: Opened, how: OpenHow): Promise<void> {
    const { say, ask, shown } = this.#front;
    shown();
    say([...banner(this.conversation.thread.settings, this.#ports), ...openNoticeLines(opened)]);
    if (how.kind !== "new") {
      await this.conversation.thread.loadStanding();
      await this.#showHistory();
      await this.conversation.queue.read();
    }
    if (await decideTrust(opened, { ask, decide: this.#ports.decideTrust })) {
      if (how.kind === "new") await this.conversation.open({ kind: "new" });
      else say([lineOf("They count from the next thread on.", { ink: "muted" })]);
    }
  }

  async #showHistory(): Promise<void> {
    await this.conversation.thread.history(({ entries, hasEarlier }) => {
      if (hasEarlier) this.#front.say([lineOf(this.#front.earlier, { ink: "muted" })]);
      this.#front.print(entries);
    });
  }

  #showSwitched(thread: WindowThread, { entries, leftOut }: ReturnType<WindowThread["takeMissed"]>): void {
    const heading: StyledLine = {
      spans: [
        { text: "── ", ink: "muted" },
        { text: safeLine(thread.title), ink: "accent", bold: true },
        { text: ` · ${safeLine(thread.link.settings.model)}`, ink: "muted" },
      ],
    };
    const more = leftOut > 0 ? [lineOf(this.#front.earlier, { ink: "muted" })] : [];
    this.#front.say([heading, ...more]);
    this.#front.print(entries);
    this.#front.shown();
  }

  #turnEnded(thread: WindowThread): void {
    const isShown = thread === this.conversation.shown;
    const name = isShown ? thread.link.state.name : thread.title;
    this.#front.call("agent-turn-complete", name ?? "The agent is done");
    if (isShown) this.#front.ready();
    else this.#front.endedElsewhere(thread.title);
    this.#offerPlan(thread);
  }

  /** A turn that proposed a plan asks what is to be done with it; a message that waits goes first and changes it. */
  #offerPlan(thread: WindowThread): void {
    const { link, queue } = thread;
    const { proposal, mode } = link.state;
    if (proposal === null || mode !== "plan" || queue.all.length > 0) return;
    const { say, setText } = this.#front;
    const options = { settle: true, threadId: link.id, signal: thread.offerSignal() };
    const ask: Ask = (dialog, more) => this.#front.ask(dialog, { ...options, ...more });
    this.task(offerPlan({ thread: link, itemId: proposal, ask, say, setText }));
  }

  #end(): TuiEnd {
    const { id, isEmpty, thread } = this.conversation.thread;
    const waiting = this.conversation.queue.stored;
    const others = this.conversation.others.flatMap(({ link }) => (link.isEmpty ? [] : [link.id]));
    return isEmpty
      ? { threadId: null, log: null, waiting: 0, others }
      : { threadId: id, log: thread.path ?? null, waiting, others };
  }

  /** Said when it changes; attempts in between are seen in the status line. */
  #connectionChanged(state: ConnectionState): void {
    if (this.#isLeaving) return;
    if (state.kind === "connected") this.#front.say(noticeBlock("quiet", "Connected again.", null));
    else if (state.attempt === 1) {
      const words = `The connection is lost: ${state.reason}. It is tried again; what goes on there is shown then.`;
      this.#front.say(noticeBlock("warn", words, "connection_lost"));
    } else this.#front.print([]);
  }

  #connectionEnded(reason: string | null): void {
    if (this.#isLeaving) return;
    const words = `The connection to the engine ended${reason === null ? "" : `: ${reason}`}.`;
    this.#front.say(noticeBlock("bad", words, "connection_closed"));
    this.#leave(this.#end());
  }

  /** What the user decided last may still be on its way to a file. */
  async #workDone(): Promise<void> {
    if (this.#work.size === 0) return;
    let callOff = () => {};
    const tooLong = new Promise<void>((resolve) => {
      callOff = this.#ports.clock.after(LEAVING_MS, resolve);
    });
    await Promise.race([Promise.all(this.#work), tooLong]);
    callOff();
  }
}

/** Leaving goes on without an engine that does not answer any more. */
function failed(): void {}
