import type { BlockView } from "../blocks/block-view.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { CommandContext, OpenHow } from "../commands/command.ts";
import { COMMANDS, findCommand } from "../commands/table.ts";
import { type ComposerAction, isShellInput, type Written } from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import type { BackgroundReport, KeyEvent } from "../keys/key-event.ts";
import { loadSyntaxColours, NO_SYNTAX, type SyntaxColours } from "../markdown/syntax.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import type { LiveArea } from "../terminal/live-screen.ts";
import {
  ASK_BACKGROUND,
  attentionSequence,
  clipboardSequence,
  ENTER_MODES,
  LEAVE_MODES,
  titleSequence,
} from "../terminal/modes.ts";
import { THEMES, themeFor } from "../terminal/theme.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { banner } from "./banner.ts";
import { ComposerHost } from "./composer-host.ts";
import { DialogQueue } from "./dialog-queue.ts";
import { failureLines } from "./failure.ts";
import { listenToKeys } from "./input.ts";
import { Interruption } from "./interruption.ts";
import { drawLiveArea } from "./live-area.ts";
import { openThread, type ThreadParams } from "./open-thread.ts";
import { Painter } from "./painter.ts";
import type { TuiPorts } from "./ports.ts";
import { answerQuestions } from "./questions.ts";
import { ThreadLink } from "./thread-link.ts";
import { Transcript } from "./transcript.ts";

/** How the program is started. */
export interface TuiStart {
  readonly how: OpenHow;
  /** The settings that every thread of this run begins with. */
  readonly params: ThreadParams;
  /** Sent as the first message. */
  readonly prompt: Written | null;
}

/** How it ended. */
export interface TuiEnd {
  /** The thread that was open last, when it holds anything. */
  readonly threadId: string | null;
}

/** The live area moves while something runs, even when nothing is said. */
const TICK_MS = 100;

/** Runs the terminal user interface until the user leaves. The terminal is put back whatever happens. */
export async function runTui(ports: TuiPorts, start: TuiStart): Promise<TuiEnd> {
  const opened = await openThread(ports.client, start.how, start.params);
  return new Tui(ports, start, opened).run();
}

class Tui {
  readonly #ports: TuiPorts;
  readonly #start: TuiStart;
  readonly #painter: Painter;
  readonly #dialogs: DialogQueue;
  readonly #composer: ComposerHost;
  readonly #interruption: Interruption;
  #thread: ThreadLink;
  #transcript: Transcript | null = null;
  #syntax: SyntaxColours = NO_SYNTAX;
  #branch: string | null = null;
  #hasFocus = true;
  #hasChosenTheme = false;
  #stopTick: (() => void) | null = null;
  #leave: (end: TuiEnd) => void = () => undefined;

  constructor(ports: TuiPorts, start: TuiStart, opened: Awaited<ReturnType<typeof openThread>>) {
    const { client, clock, inputHistory } = ports;
    this.#ports = ports;
    this.#start = start;
    this.#painter = new Painter(ports.terminal, clock, ports.palette, () => this.#draw());
    this.#dialogs = new DialogQueue(clock.now, () => this.#painter.now());
    this.#interruption = new Interruption(clock.now);
    this.#thread = new ThreadLink(client, opened, (entries) => this.#ended(entries));
    this.#composer = new ComposerHost({
      client,
      inputHistory,
      ask: (dialog) => this.#dialogs.ask(dialog),
      cwd: () => this.#thread.settings.cwd,
      commands: () => commandSuggestions(this.#thread.state.turn !== null),
      task: (work) => this.#task(work),
      act: (action) => this.#act(action),
    });
  }

  async run(): Promise<TuiEnd> {
    const { terminal, client, clock } = this.#ports;
    const left = new Promise<TuiEnd>((resolve) => {
      this.#leave = resolve;
    });
    terminal.setRaw(true);
    terminal.write(ENTER_MODES);
    const onKeys = (events: readonly KeyEvent[]) => {
      for (const event of events) this.#press(event);
      this.#painter.now();
    };
    const stopKeys = listenToKeys(terminal, clock, onKeys, (background) => this.#fitTheme(background));
    if (this.#ports.asksBackground) terminal.write(ASK_BACKGROUND);
    void client.closed.then((reason) => this.#connectionEnded(reason));
    answerQuestions(
      client,
      (dialog) => this.#dialogs.ask(dialog, true),
      () => this.#view(),
      (kind, text) => this.#wantAttention(kind, text),
    );
    try {
      this.#painter.printLines(banner(this.#thread.settings, this.#ports));
      this.#painter.now();
      this.#task(this.#loadExtras());
      if (this.#start.how.kind !== "new") await this.#showHistory();
      if (this.#start.prompt !== null) this.#send(this.#start.prompt);
      return await left;
    } finally {
      this.#stopTick?.();
      stopKeys();
      this.#transcript?.close();
      this.#thread.close();
      this.#dialogs.close();
      this.#painter.close();
      terminal.write(LEAVE_MODES);
      terminal.setRaw(false);
    }
  }

  #draw(): LiveArea {
    const { columns, rows } = this.#ports.terminal;
    const { settings, state } = this.#thread;
    const { hint } = this.#interruption;
    this.#keepTicking(state.turn !== null || hint !== null);
    return drawLiveArea(
      {
        settings,
        state,
        view: this.#view(),
        composer: this.#composer.state,
        dialog: this.#dialogs.current,
        queue: this.#composer.queue,
        branch: this.#branch,
        homeDir: this.#ports.homeDir,
        hint,
        now: this.#ports.clock.now(),
      },
      { columns, rows },
    );
  }

  #view(): BlockView {
    const { columns } = this.#ports.terminal;
    return { columns, cwd: this.#thread.settings.cwd, syntax: this.#syntax, unfolded: false };
  }

  #keepTicking(isNeeded: boolean): void {
    if (!isNeeded || this.#stopTick !== null) return;
    this.#stopTick = this.#ports.clock.after(TICK_MS, () => {
      this.#stopTick = null;
      this.#painter.soon();
    });
  }

  async #loadExtras(): Promise<void> {
    const [syntax, branch] = await Promise.all([
      loadSyntaxColours(() => this.#painter.soon()),
      this.#ports.branchOf(this.#thread.settings.cwd),
    ]);
    this.#syntax = syntax;
    this.#branch = branch;
  }

  #ended(entries: readonly TimelineEntry[]): void {
    this.#painter.print(entries, this.#view());
    if (!entries.some(({ kind }) => kind === "turnEnded")) return;
    this.#wantAttention("turnEnded", this.#thread.state.name ?? "The agent is done");
    const next = this.#composer.dequeue();
    if (next !== undefined) this.#submit(next);
  }

  #wantAttention(kind: "approval" | "question" | "turnEnded", text: string): void {
    const words = safeLine(text);
    if (!this.#hasFocus) this.#ports.terminal.write(attentionSequence(words));
    this.#ports.notify({ kind, text: words });
  }

  #press(event: KeyEvent): void {
    if (event.type === "focus") this.#hasFocus = event.focused;
    else if (this.#transcript !== null) this.#pressInTranscript(this.#transcript, event);
    else if (this.#dialogs.current !== null) this.#dialogs.press(event);
    else this.#composer.press(event);
  }

  #act(action: ComposerAction): void {
    switch (action.kind) {
      case "send":
        this.#submit(action.written);
        break;
      case "queue":
        if (this.#thread.state.turn === null) this.#submit(action.written);
        else this.#composer.enqueue(action.written);
        break;
      case "interrupt":
        this.#interrupt();
        break;
      case "quit":
        this.#quit();
        break;
      case "pasteImage":
        this.#task(this.#pasteImage());
        break;
      case "openEditor":
        this.#task(this.#openEditor());
        break;
      case "searchHistory":
        break; // the composer's host does it
      case "other":
        this.#otherKey(action.event);
    }
  }

  /** Alt-Up takes the last queued message back into the composer, Ctrl-T shows the whole thread. */
  #otherKey(event: KeyEvent): void {
    if (event.type !== "key") return;
    if (event.ctrl && typeof event.key !== "string" && event.key.char === "t")
      this.#task(this.#openTranscript());
    if (event.alt && event.key === "up") this.#composer.recallQueued();
  }

  #submit(written: Written): void {
    if (isShellInput(written.text)) {
      this.#runShell(written);
      return;
    }
    const found = findCommand(written.text);
    if (found === null) {
      this.#send(written);
      return;
    }
    const { command, argument } = found;
    if (!command.whileRunning && this.#thread.state.turn !== null) {
      const words = `/${command.name} has to wait until the agent is done. Esc interrupts it.`;
      this.#painter.printLines([lineOf(words, { ink: "warn" })]);
      return;
    }
    this.#task(command.run(argument, this.#commandContext()));
  }

  /** One's own command is a turn of its own, so it waits for the one that runs. */
  #runShell(written: Written): void {
    const command = written.text.slice(1).trim();
    if (command === "") return;
    if (this.#thread.state.turn !== null) this.#composer.enqueue(written);
    else this.#task(this.#orPutBack(written, this.#thread.runShell(command)));
  }

  /** A message that could not be sent comes back into the composer, so that nothing is lost. */
  #send(written: Written): void {
    this.#task(this.#orPutBack(written, this.#thread.send(written)));
  }

  async #orPutBack(written: Written, sent: Promise<void>): Promise<void> {
    try {
      await sent;
    } catch (thrown) {
      this.#composer.putBack(written);
      throw thrown;
    }
  }

  #interrupt(): void {
    const what = this.#interruption.press(this.#thread.state.turn !== null);
    if (what === "interrupt") this.#task(this.#thread.interrupt());
    if (what === "leave") this.#quit();
  }

  #quit(): void {
    this.#task(this.#leaveThread(this.#thread).then((threadId) => this.#leave({ threadId })));
  }

  /** A thread in which nothing was said leaves nothing behind; any other is kept, and its id is given. */
  async #leaveThread(thread: ThreadLink): Promise<string | null> {
    const threadId = thread.id;
    thread.close();
    if (thread.isEmpty) await this.#ports.client.request("thread/delete", { threadId });
    else await this.#ports.client.request("thread/unsubscribe", { threadId });
    return thread.isEmpty ? null : threadId;
  }

  #connectionEnded(reason: string | null): void {
    const words = `The connection to the engine ended${reason === null ? "" : `: ${reason}`}.`;
    this.#painter.printLines(noticeBlock("bad", words, "connection_closed"));
    this.#leave({ threadId: this.#thread.id });
  }

  /** Work that a key has begun: what goes wrong is said, with its code, and nothing ends by it. */
  #task(work: Promise<void>): void {
    void work
      .catch((thrown: unknown) => this.#painter.printLines(failureLines(thrown)))
      .finally(() => this.#painter.soon());
  }

  async #pasteImage(): Promise<void> {
    const path = await this.#ports.clipboardImage();
    if (path !== null) this.#composer.attachImage(path);
    else this.#painter.printLines([lineOf("There is no picture on the clipboard.", { ink: "muted" })]);
  }

  async #openEditor(): Promise<void> {
    const { terminal } = this.#ports;
    this.#painter.pause();
    terminal.write(LEAVE_MODES);
    terminal.setRaw(false);
    try {
      const text = await this.#ports.editText(this.#composer.state.editor.text);
      if (text !== null) this.#composer.setText(text.replace(/\n+$/, ""));
    } finally {
      terminal.setRaw(true);
      terminal.write(ENTER_MODES);
      this.#painter.resume();
    }
  }

  async #openTranscript(): Promise<void> {
    const { client, terminal, palette } = this.#ports;
    this.#painter.pause();
    try {
      const view = () => this.#view();
      this.#transcript = await Transcript.open({
        client,
        threadId: this.#thread.id,
        terminal,
        palette,
        view,
      });
    } catch (thrown) {
      this.#painter.resume();
      throw thrown;
    }
  }

  #pressInTranscript(transcript: Transcript, event: KeyEvent): void {
    if (transcript.press(event)) return;
    this.#transcript = null;
    this.#painter.resume();
  }

  async #showHistory(): Promise<void> {
    const { entries, hasEarlier } = await this.#thread.history();
    if (hasEarlier) this.#painter.printLines([lineOf("… earlier turns: Ctrl-T", { ink: "muted" })]);
    this.#painter.print(entries, this.#view());
  }

  #commandContext(): CommandContext {
    const { client, clock, saveFile } = this.#ports;
    return {
      client,
      thread: this.#thread,
      ask: (dialog) => this.#dialogs.ask(dialog),
      say: (lines: readonly StyledLine[]) => this.#painter.printLines(lines),
      now: clock.now,
      open: (how) => this.#open(how),
      saveFile,
      copy: (text) => this.#copy(text),
      setTheme: (name) => this.#setTheme(name),
      quit: () => this.#quit(),
      commands: COMMANDS,
    };
  }

  async #open(how: OpenHow): Promise<void> {
    const params = { ...this.#start.params, cwd: this.#thread.settings.cwd };
    const opened = await openThread(this.#ports.client, how, params);
    const before = this.#thread;
    this.#thread = new ThreadLink(this.#ports.client, opened, (entries) => this.#ended(entries));
    if (before.id === this.#thread.id) before.close();
    else await this.#leaveThread(before);
    this.#ports.terminal.write(titleSequence(`quire ${safeLine(this.#thread.state.name ?? "")}`));
    this.#painter.printLines(banner(this.#thread.settings, this.#ports));
    if (how.kind !== "new") await this.#showHistory();
  }

  #copy(text: string): void {
    const sequence = clipboardSequence(text);
    if (sequence !== null) this.#ports.terminal.write(sequence);
    else
      this.#painter.printLines([
        lineOf("The answer is too long for a terminal's clipboard.", { ink: "warn" }),
      ]);
  }

  /** By the terminal's own word, when nothing else says how light it is. */
  #fitTheme(background: BackgroundReport): void {
    if (this.#ports.asksBackground && !this.#hasChosenTheme)
      this.#painter.palette = { ...this.#ports.palette, theme: themeFor(background) };
  }

  #setTheme(name: string): void {
    this.#hasChosenTheme = true;
    const theme = THEMES.find((one) => one.name === name);
    if (theme !== undefined) this.#painter.palette = { ...this.#ports.palette, theme };
  }
}

function commandSuggestions(isRunning: boolean): Suggestion[] {
  return COMMANDS.filter((command) => command.whileRunning || !isRunning).map(({ name, help, argument }) => ({
    value: name,
    hint: help,
    isComplete: argument === undefined || argument.startsWith("["),
  }));
}
