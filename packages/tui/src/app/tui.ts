import type { BlockView } from "../blocks/block-view.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { OpenHow } from "../commands/command.ts";
import { setUp } from "../commands/setup.ts";
import { REWIND } from "../commands/threads.ts";
import type { ComposerAction, Written } from "../composer/composer.ts";
import type { BackgroundReport, KeyEvent } from "../keys/key-event.ts";
import { loadSyntaxColours, NO_SYNTAX, type SyntaxColours } from "../markdown/syntax.ts";
import type { AttentionKind } from "../preferences/fields.ts";
import { type Preferences, readPreferences } from "../preferences/preferences.ts";
import type { LiveArea } from "../terminal/live-screen.ts";
import { ASK_BACKGROUND, clipboardSequence, titleSequence } from "../terminal/modes.ts";
import { THEMES, themeFor } from "../terminal/theme.ts";
import { lineOf } from "../text/styled-line.ts";
import { callSequence } from "./attention.ts";
import { banner } from "./banner.ts";
import { ComposerHost } from "./composer-host.ts";
import { Conversation } from "./conversation.ts";
import { DialogQueue } from "./dialog-queue.ts";
import { failureLines } from "./failure.ts";
import { listenToKeys } from "./input.ts";
import { Interruption } from "./interruption.ts";
import { drawLiveArea } from "./live-area.ts";
import { type Opened, openThread, type ThreadParams } from "./open-thread.ts";
import { Painter } from "./painter.ts";
import type { TuiPorts } from "./ports.ts";
import { answerQuestions } from "./questions.ts";
import { leaveTerminal, lendTerminal, takeTerminal } from "./terminal-mode.ts";
import { Transcript } from "./transcript.ts";
import { decideTrust, openNoticeLines } from "./trust.ts";
import { windowTitle } from "./window-title.ts";

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
  /** Its log, where it has one. */
  readonly log: string | null;
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
  readonly #opened: Opened;
  readonly #preferences: Preferences;
  readonly #painter: Painter;
  readonly #dialogs: DialogQueue;
  readonly #composer: ComposerHost;
  readonly #conversation: Conversation;
  readonly #interruption: Interruption;
  #transcript: Transcript | null = null;
  #syntax: SyntaxColours = NO_SYNTAX;
  #branch: string | null = null;
  #title: string | null = null;
  #hasFocus = true;
  #hasChosenTheme = false;
  #stopTick: (() => void) | null = null;
  #leave: (end: TuiEnd) => void = () => undefined;

  constructor(ports: TuiPorts, start: TuiStart, opened: Opened) {
    const { client, clock, inputHistory } = ports;
    this.#ports = ports;
    this.#start = start;
    this.#opened = opened;
    this.#preferences = readPreferences(ports.settings);
    this.#painter = new Painter(ports.terminal, clock, ports.palette, () => this.#draw());
    this.#dialogs = new DialogQueue(clock, () => this.#painter.now());
    this.#interruption = new Interruption(clock.now);
    const preferences = this.#preferences;
    this.#conversation = new Conversation(
      ports,
      { params: start.params, opened, preferences },
      {
        say: (lines) => this.#painter.printLines(lines),
        ask: (dialog, options) => this.#dialogs.ask(dialog, options),
        print: (entries) => this.#painter.print(entries, this.#view()),
        setText: (text) => this.#composer.putBack(text),
        task: (work) => this.#task(work),
        opened: (next, how) => this.#showOpened(next, how),
        turnEnded: () =>
          this.#call("agent-turn-complete", this.#conversation.thread.state.name ?? "The agent is done"),
        copy: (text) => this.#copy(text),
        setTheme: (name) => this.#setTheme(name),
        toggleVim: () => this.#composer.toggleVim(),
        quit: () => this.#quit(),
      },
    );
    this.#composer = new ComposerHost({
      client,
      inputHistory,
      keymap: preferences.keymap,
      vim: preferences.vim,
      ask: (dialog, options) => this.#dialogs.ask(dialog, options),
      cwd: () => this.#conversation.thread.settings.cwd,
      commands: () => this.#conversation.suggestions,
      skills: () => this.#conversation.skills,
      task: (work) => this.#task(work),
      act: (action) => this.#act(action),
    });
    if (preferences.theme !== null) this.#setTheme(preferences.theme);
  }

  async run(): Promise<TuiEnd> {
    const { terminal, client, clock, stop } = this.#ports;
    const left = new Promise<TuiEnd>((resolve) => {
      this.#leave = resolve;
    });
    takeTerminal(terminal);
    const onKeys = (events: readonly KeyEvent[]) => {
      for (const event of events) this.#press(event);
      this.#painter.now();
    };
    const stopKeys = listenToKeys(terminal, clock, onKeys, (background) => this.#fitTheme(background));
    if (this.#ports.asksBackground) terminal.write(ASK_BACKGROUND);
    const stopped = () => this.#leave(this.#end());
    stop.addEventListener("abort", stopped, { once: true });
    void client.closed.then((reason) => this.#connectionEnded(reason));
    answerQuestions(
      client,
      (dialog, options) => this.#dialogs.ask(dialog, options),
      () => this.#view(),
      (kind, text) => this.#call(kind, text),
    );
    try {
      if (stop.aborted) return this.#end();
      this.#task(this.#begin());
      return await left;
    } finally {
      stop.removeEventListener("abort", stopped);
      this.#stopTick?.();
      stopKeys();
      this.#transcript?.close();
      this.#conversation.close();
      this.#dialogs.close();
      this.#painter.close();
      // What was there before cannot be asked for; an empty title lets the terminal show its own.
      if (this.#title !== null) terminal.write(titleSequence(""));
      leaveTerminal(terminal);
    }
  }

  async #begin(): Promise<void> {
    this.#task(this.#loadExtras());
    await this.#showOpened(this.#opened, this.#start.how);
    const problems = this.#preferences.problems.flatMap((problem) => noticeBlock("warn", problem, null));
    if (problems.length > 0) this.#painter.printLines(problems);
    await this.#firstRun();
    if (this.#start.prompt !== null) this.#conversation.send(this.#start.prompt);
  }

  /** Where no model is configured, and nobody was asked before, it is asked where one should come from. */
  async #firstRun(): Promise<void> {
    const { setup } = this.#ports;
    const { settings } = this.#conversation.thread;
    const isOffline = this.#opened.notices?.some(({ code }) => code === "model_offline") ?? false;
    if (setup === null || !isOffline || this.#start.how.kind !== "new" || setup.isDone()) return;
    this.#painter.printLines([lineOf(`Welcome. This works in ${settings.cwd}.`, { ink: "accent" })]);
    await setUp({ ...this.#conversation.context(), setup });
  }

  #draw(): LiveArea {
    const { columns, rows } = this.#ports.terminal;
    const { settings, state } = this.#conversation.thread;
    if (state.turn !== null) this.#interruption.forgetEscape();
    const { hint } = this.#interruption;
    this.#keepTicking(state.turn !== null || this.#interruption.isTimed);
    const facts = { settings, state, branch: this.#branch, homeDir: this.#ports.homeDir, hint };
    this.#showTitle(windowTitle(this.#preferences.title, facts));
    return drawLiveArea(
      {
        ...facts,
        fields: this.#preferences.statusLine,
        mode: this.#composer.mode,
        view: this.#view(),
        composer: this.#composer.state,
        dialog: this.#dialogs.current,
        isSettling: this.#dialogs.isSettling,
        queue: this.#conversation.queue.all,
        now: this.#ports.clock.now(),
      },
      { columns, rows },
    );
  }

  #showTitle(title: string | null): void {
    if (title === this.#title || title === null) return;
    this.#title = title;
    this.#ports.terminal.write(titleSequence(title));
  }

  #view(): BlockView {
    const { columns } = this.#ports.terminal;
    const { cwd } = this.#conversation.thread.settings;
    return { columns, cwd, syntax: this.#syntax, unfolded: false };
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
      this.#ports.branchOf(this.#conversation.thread.settings.cwd),
      this.#conversation.loadPrompts(),
      this.#conversation.loadSkills(),
    ]);
    this.#syntax = syntax;
    this.#branch = branch;
  }

  #call(kind: AttentionKind, text: string): void {
    const { notifications } = this.#preferences;
    this.#ports.terminal.write(callSequence(notifications, { kind, text, hasFocus: this.#hasFocus }));
  }

  #press(event: KeyEvent): void {
    if (event.type === "focus") {
      this.#hasFocus = event.focused;
      return;
    }
    if (event.type !== "key" || event.key !== "escape") this.#interruption.forgetEscape();
    if (this.#transcript !== null) this.#pressInTranscript(this.#transcript, event);
    else if (this.#dialogs.current !== null) this.#dialogs.press(event);
    else this.#composer.press(event);
  }

  #act(action: ComposerAction): void {
    const conversation = this.#conversation;
    switch (action.kind) {
      case "send":
        conversation.submit(action.written);
        break;
      case "queue":
        if (conversation.isRunning) conversation.queue.add(action.written);
        else conversation.submit(action.written);
        break;
      case "interrupt":
        this.#interrupt("ctrlC");
        break;
      case "escape":
        this.#interrupt("escape");
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
      case "openTranscript":
        this.#task(this.#openTranscript());
        break;
      case "recallQueued": {
        const last = conversation.queue.take(-1);
        if (last !== undefined) this.#composer.putBack(last.text);
        break;
      }
      case "suspend":
        this.#task(lendTerminal(this.#ports.terminal, this.#painter, this.#ports.suspend));
    }
  }

  #interrupt(key: "ctrlC" | "escape"): void {
    const what = this.#interruption.press(key, this.#conversation.isRunning);
    if (what === "interrupt") this.#task(this.#conversation.interrupt());
    if (what === "rewind") this.#task(REWIND.run("", this.#conversation.context()));
    if (what === "leave") this.#quit();
  }

  #quit(): void {
    const end = this.#end();
    this.#task(this.#conversation.leave().then(() => this.#leave(end)));
  }

  #end(): TuiEnd {
    const { id, isEmpty, thread } = this.#conversation.thread;
    return isEmpty ? { threadId: null, log: null } : { threadId: id, log: thread.path ?? null };
  }

  #connectionEnded(reason: string | null): void {
    const words = `The connection to the engine ended${reason === null ? "" : `: ${reason}`}.`;
    this.#painter.printLines(noticeBlock("bad", words, "connection_closed"));
    this.#leave(this.#end());
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
    const { text } = this.#composer.state.editor;
    const written = await lendTerminal(this.#ports.terminal, this.#painter, () => this.#ports.editText(text));
    if (written !== null) this.#composer.setText(written.replace(/\n+$/, ""));
  }

  async #openTranscript(): Promise<void> {
    const { client, terminal, palette } = this.#ports;
    this.#painter.pause();
    try {
      const view = () => this.#view();
      const threadId = this.#conversation.thread.id;
      this.#transcript = await Transcript.open({ client, threadId, terminal, palette, view });
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

  /** What a thread begins with on the screen; then what has to be decided before it is worked in. */
  async #showOpened(opened: Opened, how: OpenHow): Promise<void> {
    this.#painter.printLines([
      ...banner(this.#conversation.thread.settings, this.#ports),
      ...openNoticeLines(opened),
    ]);
    this.#painter.now();
    if (how.kind !== "new") await this.#showHistory();
    const ask = this.#dialogs.ask.bind(this.#dialogs);
    if (await decideTrust(opened, { ask, decide: this.#ports.decideTrust })) {
      if (how.kind === "new") await this.#conversation.open({ kind: "new" });
      else this.#painter.printLines([lineOf("They count from the next thread on.", { ink: "muted" })]);
    }
  }

  async #showHistory(): Promise<void> {
    const { entries, hasEarlier } = await this.#conversation.thread.history();
    if (hasEarlier) this.#painter.printLines([lineOf("… earlier turns: Ctrl-T", { ink: "muted" })]);
    this.#painter.print(entries, this.#view());
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
