import type { CommandContext, OpenHow, SlashCommand } from "../commands/command.ts";
import { type SavedPrompt, savedPrompt } from "../commands/saved-prompt.ts";
import { skillSuggestions } from "../commands/skill-suggestions.ts";
import { commandsOf, findCommand } from "../commands/table.ts";
import { isShellInput, type Written } from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import type { Preferences } from "../preferences/preferences.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { MessageQueue } from "./message-queue.ts";
import { type Opened, openThread, type ThreadParams } from "./open-thread.ts";
import type { TuiPorts } from "./ports.ts";
import type { Ask } from "./questions.ts";
import { ThreadLink } from "./thread-link.ts";
import { TurnRecord } from "./turn-record.ts";

/** How a conversation is seen: the full interface, or plain lines. */
export interface Surface {
  readonly say: (lines: readonly StyledLine[]) => void;
  readonly ask: Ask;
  /** What has ended in the thread, to be printed once. */
  readonly print: (entries: readonly TimelineEntry[]) => void;
  /** Puts a text where the user writes. */
  readonly setText: (text: string) => void;
  /** Work that somebody has begun: what goes wrong with it is said. */
  readonly task: (work: Promise<void>) => void;
  /** Another thread is shown now; `opened` is what the server said of it. */
  readonly opened: (opened: Opened, how: OpenHow) => Promise<void>;
  readonly turnEnded: () => void;
  readonly copy: (text: string) => void;
  readonly setTheme: (name: string) => void;
  /** Keys of vi on or off; says which. */
  readonly toggleVim: () => boolean;
  readonly quit: () => void;
}

/** The thread that is shown and what the user does with it, whatever it looks like. */
export class Conversation {
  readonly queue = new MessageQueue();
  skills: readonly Suggestion[] = [];
  readonly #ports: TuiPorts;
  readonly #params: ThreadParams;
  readonly #preferences: Preferences;
  readonly #surface: Surface;
  readonly #turns = new TurnRecord();
  #thread: ThreadLink;
  #prompts: readonly SavedPrompt[] = [];

  constructor(
    ports: TuiPorts,
    options: { params: ThreadParams; opened: Opened; preferences: Preferences },
    surface: Surface,
  ) {
    this.#ports = ports;
    this.#params = options.params;
    this.#preferences = options.preferences;
    this.#surface = surface;
    this.#thread = this.#link(options.opened);
  }

  get thread(): ThreadLink {
    return this.#thread;
  }

  get isRunning(): boolean {
    return this.#thread.isBusy;
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
    const { reports } = this.#ports;
    if (!reports.has("skills")) return;
    const { cwd } = this.#thread.settings;
    this.skills = skillSuggestions(await reports.run("skills", ["list", "--json"], cwd));
  }

  /** A command, a command of the user's own, or a message. */
  submit(written: Written): void {
    if (isShellInput(written.text)) {
      this.#runShell(written);
      return;
    }
    const found = findCommand(written.text, this.commands);
    if (found === null) {
      this.send(written);
      return;
    }
    const { command, argument } = found;
    if (!command.whileRunning && this.isRunning) {
      const words = `/${command.name} has to wait until the agent is done. Esc interrupts it.`;
      this.#surface.say([lineOf(words, { ink: "warn" })]);
      return;
    }
    this.#surface.task(command.run(argument, this.context()));
  }

  /** A message that could not be sent comes back to where it was written, so that nothing is lost. */
  send(written: Written): void {
    this.#surface.task(this.#orPutBack(written, this.#thread.send(written)));
  }

  async interrupt(): Promise<void> {
    await this.#thread.interrupt();
  }

  /** Shows another thread instead. */
  async open(how: OpenHow): Promise<void> {
    const params = { ...this.#params, cwd: this.#thread.settings.cwd };
    const opened = await openThread(this.#ports.client, how, params);
    const before = this.#thread;
    this.#thread = this.#link(opened);
    if (before.id === this.#thread.id) before.close();
    else await this.#leaveThread(before);
    await this.#surface.opened(opened, how);
  }

  /** Follows no thread any more; gives the id of the one that was shown, when it holds anything. */
  leave(): Promise<string | null> {
    return this.#leaveThread(this.#thread);
  }

  /** Stops following. May be called twice. */
  close(): void {
    this.#thread.close();
  }

  context(): CommandContext {
    const { client, clock, saveFile, reports, setup } = this.#ports;
    const { say, ask, copy, setTheme, setText, quit, toggleVim } = this.#surface;
    return {
      client,
      thread: this.#thread,
      ask,
      say,
      now: clock.now,
      open: (how) => this.open(how),
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

  /** One's own command is a turn of its own, so it waits for the one that runs. */
  #runShell(written: Written): void {
    const command = written.text.slice(1).trim();
    if (command === "") return;
    if (this.isRunning) this.queue.add(written);
    else this.#surface.task(this.#orPutBack(written, this.#thread.runShell(command)));
  }

  async #orPutBack(written: Written, sent: Promise<void>): Promise<void> {
    try {
      await sent;
    } catch (thrown) {
      this.#surface.setText(written.text);
      throw thrown;
    }
  }

  /** A thread in which nothing was said leaves nothing behind; any other is kept, and its id is given. */
  async #leaveThread(thread: ThreadLink): Promise<string | null> {
    const threadId = thread.id;
    thread.close();
    if (thread.isEmpty) await this.#ports.client.request("thread/delete", { threadId });
    else await this.#ports.client.request("thread/unsubscribe", { threadId });
    return thread.isEmpty ? null : threadId;
  }

  #link(opened: Opened): ThreadLink {
    return new ThreadLink(this.#ports.client, opened, (entries) => this.#ended(entries));
  }

  #ended(entries: readonly TimelineEntry[]): void {
    this.#surface.print(entries);
    const { id: threadId, settings } = this.#thread;
    const turn = this.#turns.take(entries, { threadId, cwd: settings.cwd });
    if (turn === null) return;
    this.#ports.turnEnded(turn);
    this.#surface.turnEnded();
    const next = this.queue.next();
    if (next !== undefined) this.submit(next);
  }
}
