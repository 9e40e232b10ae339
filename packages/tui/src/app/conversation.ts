import type { CommandContext, OpenHow, SlashCommand } from "../commands/command.ts";
import { type SavedPrompt, savedPrompt } from "../commands/saved-prompt.ts";
import { skillSuggestions } from "../commands/skill-suggestions.ts";
import { commandsOf, findCommand, unknownCommand } from "../commands/table.ts";
import { isShellInput, type Written } from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import type { Preferences } from "../preferences/preferences.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { failureLines } from "./failure.ts";
import { type Opened, openThread, type ThreadParams } from "./open-thread.ts";
import type { TuiPorts } from "./ports.ts";
import type { Ask } from "./questions.ts";
import type { ThreadLink } from "./thread-link.ts";
import type { ThreadQueue } from "./thread-queue.ts";
import { ThreadSet } from "./thread-set.ts";
import { WindowThread } from "./window-thread.ts";

/** How a conversation is seen: the full interface, or plain lines. */
export interface Surface {
  readonly say: (lines: readonly StyledLine[]) => void;
  readonly ask: Ask;
  /** What has ended in the thread that is shown, to be printed once. */
  readonly print: (entries: readonly TimelineEntry[]) => void;
  /** Puts a text, and pictures that belong to it, where the user writes. */
  readonly setText: (text: string, images?: readonly string[]) => void;
  /** Work that somebody has begun: what goes wrong with it is said. */
  readonly task: (work: Promise<void>) => void;
  /** Another thread is shown now; `opened` is what the server said of it. */
  readonly opened: (opened: Opened, how: OpenHow) => Promise<void>;
  /** Another thread of the window is shown now; `missed` is what ended in it meanwhile. */
  readonly switched: (thread: WindowThread, missed: ReturnType<WindowThread["takeMissed"]>) => void;
  /** A turn ended in a thread, which may be in the background. */
  readonly turnEnded: (thread: WindowThread) => void;
  readonly copy: (text: string) => void;
  readonly setTheme: (name: string) => void;
  /** Keys of vi on or off; says which. */
  readonly toggleVim: () => boolean;
  readonly quit: () => void;
}

/** The threads of the window and what the user does with the one that is shown, whatever it looks like. */
export class Conversation {
  skills: readonly Suggestion[] = [];
  readonly #ports: TuiPorts;
  readonly #params: ThreadParams;
  readonly #preferences: Preferences;
  readonly #surface: Surface;
  readonly #threads: ThreadSet;
  #prompts: readonly SavedPrompt[] = [];

  constructor(
    ports: TuiPorts,
    options: { params: ThreadParams; opened: Opened; how: OpenHow; preferences: Preferences },
    surface: Surface,
  ) {
    this.#ports = ports;
    this.#params = options.params;
    this.#preferences = options.preferences;
    this.#surface = surface;
    this.#threads = new ThreadSet(this.#follow(options.opened, options.how));
  }

  get shown(): WindowThread {
    return this.#threads.shown;
  }

  get thread(): ThreadLink {
    return this.#threads.shown.link;
  }

  get queue(): ThreadQueue {
    return this.#threads.shown.queue;
  }

  /** Those that go on in the background. */
  get others(): readonly WindowThread[] {
    return this.#threads.others;
  }

  get isRunning(): boolean {
    return this.thread.isBusy;
  }

  get commands(): readonly SlashCommand[] {
    return commandsOf(this.#ports.reports, this.#ports.setup !== null, this.#prompts);
  }

  /** What can be written behind a slash now. */
  get suggestions(): Suggestion[] {
    return this.commands
      .filter((command) => command.whileRunning || !this.isRunning)
      .map(({ name, help, argument }) => ({
        value: name,
        hint: help,
        isComplete: argument === undefined || argument.startsWith("["),
      }));
  }

  async loadPrompts(): Promise<void> {
    this.#prompts = (await this.#ports.savedPrompts()).map(savedPrompt);
  }

  /** For what is written behind a dollar sign. */
  async loadSkills(): Promise<void> {
    const { cwd } = this.thread.settings;
    // Without them nothing is offered; /skills says what is wrong.
    const found = await this.#ports.client.request("skills/list", { cwds: [cwd] }).catch(() => null);
    this.skills = skillSuggestions(found?.data ?? []);
  }

  /** A command, a command of the user's own, or a message, for the thread that is shown. */
  submit(written: Written): void {
    const found = isShellInput(written.text) ? null : findCommand(written.text, this.commands);
    if (found === null) {
      const slip = unknownCommand(written.text);
      if (slip === null) this.#send(written, this.#threads.shown);
      else this.#refuseCommand(noCommand(slip), written);
      return;
    }
    const { command, argument } = found;
    if (!command.whileRunning && this.isRunning) {
      const words = `/${command.name} has to wait until the agent is done. Esc interrupts it.`;
      this.#refuseCommand(words, written);
      return;
    }
    if (command.argument === undefined && argument !== "") {
      this.#refuseCommand(`/${command.name} takes no words, and nothing was done. ${AS_IT_STANDS}`, written);
      return;
    }
    this.#surface.task(this.#run(command, argument));
  }

  async #run(command: SlashCommand, argument: string): Promise<void> {
    const { link, queue } = this.#threads.shown;
    await command.run(argument, this.context());
    // The server begins what waits, so it has to know what was chosen for it.
    if (queue.stored > 0) await link.applyChanges();
  }

  /** Lets a message, or a command, wait until the agent is done; what runs nothing takes it at once. */
  enqueue(written: Written): void {
    const { link, queue } = this.#threads.shown;
    if (!this.isRunning) {
      this.submit(written);
      return;
    }
    const isCommand = isShellInput(written.text) || findCommand(written.text, this.commands) !== null;
    const added = link.applyChanges().then(() => queue.add(written, { isCommand }));
    this.#surface.task(this.#orPutBack(written, added));
  }

  /** Takes what was queued last back to where it is written. */
  async recallQueued(): Promise<void> {
    const last = await this.queue.takeLast();
    if (last !== null) this.#surface.setText(last.text, last.images);
  }

  /** What was written comes back to where it was. */
  #refuseCommand(words: string, { text, images }: Written): void {
    this.#surface.say([lineOf(words, { ink: "warn" })]);
    this.#surface.setText(text, images);
  }

  /** A message that could not be sent comes back to where it was written, so that nothing is lost. */
  send(written: Written): void {
    this.#send(written, this.#threads.shown);
  }

  async interrupt(): Promise<void> {
    await this.thread.interrupt();
  }

  /** Shows another thread. The one before goes on in the background when something runs in it, and is left otherwise. */
  async open(how: OpenHow): Promise<void> {
    const before = this.#threads.shown;
    const known = how.kind === "resume" && this.#threads.others.find(({ id }) => id === how.threadId);
    if (known) {
      this.#show(known);
      return;
    }
    const params = { ...this.#params, cwd: before.link.settings.cwd };
    const opened = await openThread(this.#ports.client, how, params);
    const next = this.#follow(opened, how);
    this.#threads.show(next);
    if (before.id === next.id) before.close();
    if (before.id === next.id || !before.isBusy) this.#threads.remove(before);
    if (before.id !== next.id && !before.isBusy) await this.#leaveThread(before);
    await this.#surface.opened(opened, how);
  }

  /** Shows a thread of the window: that of the id, or the one that most wants to be looked at. */
  switchTo(threadId: string | null): void {
    const next =
      threadId === null ? this.#threads.next() : this.#threads.others.find(({ id }) => id === threadId);
    if (next) this.#show(next);
    else if (threadId === null) this.#surface.say([lineOf(ONLY_ONE, { ink: "muted" })]);
  }

  /** Follows every thread over a new connection; what ended meanwhile is shown. */
  async catchUp(): Promise<void> {
    for (const thread of this.#threads.all) {
      const { title } = thread;
      try {
        await thread.catchUp();
      } catch (thrown) {
        const words = `The thread "${safeLine(title)}" could not be followed again.`;
        this.#surface.say([lineOf(words, { ink: "bad" }), ...failureLines(thrown)]);
      }
    }
  }

  /** Follows no thread any more; gives the ids of those that hold anything, that of the one that was shown first. */
  async leave(): Promise<string[]> {
    const left: string[] = [];
    for (const thread of [this.#threads.shown, ...this.#threads.others]) {
      const threadId = await this.#leaveThread(thread);
      if (threadId !== null) left.push(threadId);
    }
    return left;
  }

  /** Stops following. May be called twice. */
  close(): void {
    for (const thread of this.#threads.all) thread.close();
  }

  context(): CommandContext {
    const { client, clock, saveFile, reports, setup } = this.#ports;
    const { say, ask, copy, setTheme, setText, quit, toggleVim } = this.#surface;
    return {
      client,
      thread: this.thread,
      ask,
      say,
      now: clock.now,
      open: (how) => this.open(how),
      threads: this.#threads,
      switchTo: (threadId) => this.switchTo(threadId),
      send: (text) => this.send({ text, images: [] }),
      queue: this.queue,
      preferences: this.#preferences,
      reports,
      setup,
      saveFile,
      copy,
      setTheme,
      setText,
      toggleVim,
      quit,
      commands: this.commands,
    };
  }

  #show(thread: WindowThread): void {
    this.#threads.show(thread);
    this.#surface.switched(thread, thread.takeMissed());
    // A command that was queued waits until its thread is looked at.
    if (!thread.link.isBusy) this.#sendNext(thread);
  }

  /** One's own command is a turn of its own, so it waits for the one that runs. */
  #send(written: Written, to: WindowThread): void {
    if (!isShellInput(written.text)) {
      this.#surface.task(this.#orPutBack(written, to.link.send(written)));
      return;
    }
    const command = written.text.slice(1).trim();
    if (command === "") return;
    if (to.link.isBusy) this.#surface.task(to.queue.add(written, { isCommand: true }));
    else this.#surface.task(this.#orPutBack(written, to.link.runShell(command)));
  }

  async #orPutBack(written: Written, sent: Promise<void>): Promise<void> {
    try {
      await sent;
    } catch (thrown) {
      this.#surface.setText(written.text, written.images);
      throw thrown;
    }
  }

  /** A thread in which nothing was said leaves nothing behind; any other is kept, and its id is given. */
  async #leaveThread(thread: WindowThread): Promise<string | null> {
    const { id: threadId, link } = thread;
    thread.close();
    if (link.isEmpty) await this.#ports.client.request("thread/delete", { threadId });
    else await this.#ports.client.request("thread/unsubscribe", { threadId });
    return link.isEmpty ? null : threadId;
  }

  #follow(opened: Opened, how: OpenHow): WindowThread {
    const { client, clock } = this.#ports;
    return new WindowThread(
      client,
      { opened, isNew: how.kind === "new" },
      {
        now: clock.now,
        ended: (thread, entries) => this.#ended(thread, entries),
        queueChanged: (thread) => {
          this.#surface.print([]); // it is shown
          if (!thread.link.isBusy) this.#sendNext(thread);
        },
      },
    );
  }

  #ended(thread: WindowThread, entries: readonly TimelineEntry[]): void {
    if (thread === this.#threads.shown) this.#surface.print(entries);
    else {
      thread.miss(entries);
      this.#surface.print([]); // where the others stand is shown as well
    }
    const turn = thread.turns.take(entries, { threadId: thread.id, cwd: thread.link.settings.cwd });
    if (turn === null) return;
    this.#ports.turnEnded(turn);
    this.#surface.turnEnded(thread);
    // What the turn was told and never read, since it was interrupted or failed, is said again in the next one.
    const unread = thread.link.takeUnread(turn.turnId);
    if (unread !== null) this.#send(unread, thread);
    else this.#sendNext(thread);
  }

  /** What waits in this window is sent when nothing waits at the server any more. */
  #sendNext(thread: WindowThread): void {
    const next = thread.queue.nextOwn;
    if (next === null) return;
    const isCommand = !isShellInput(next.text) && findCommand(next.text, this.commands) !== null;
    if (isCommand && thread !== this.#threads.shown) return;
    thread.queue.dropOwn();
    if (isCommand) this.submit(next);
    else this.#send(next, thread);
  }
}

const AS_IT_STANDS = "A blank in front sends the line as it stands.";

function noCommand(name: string): string {
  return `There is no command /${safeLine(name)}, and nothing was sent. / lists those that there are; a blank in front sends the line as it stands.`;
}

const ONLY_ONE =
  "Only this thread is open. /new begins another one while it works; /resume opens an earlier one.";
