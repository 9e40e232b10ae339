import type { BlockView } from "../blocks/block-view.ts";
import { REWIND } from "../commands/threads.ts";
import type { ComposerAction } from "../composer/composer.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import { loadSyntaxColours, NO_SYNTAX, type SyntaxColours } from "../markdown/syntax.ts";
import type { LiveArea } from "../terminal/live-screen.ts";
import { ASK_BACKGROUND } from "../terminal/modes.ts";
import { lineOf } from "../text/styled-line.ts";
import { ComposerHost } from "./composer-host.ts";
import type { Conversation } from "./conversation.ts";
import { DialogQueue } from "./dialog-queue.ts";
import { listenToKeys } from "./input.ts";
import { Interruption } from "./interruption.ts";
import { drawLiveArea } from "./live-area.ts";
import { type Opened, openThread } from "./open-thread.ts";
import { Painter } from "./painter.ts";
import type { TuiPorts } from "./ports.ts";
import { type Front, Session, type TuiEnd, type TuiStart } from "./session.ts";
import { leaveTerminal, lendTerminal, takeTerminal } from "./terminal-mode.ts";
import { Transcript } from "./transcript.ts";
import { WindowLooks } from "./window-looks.ts";
import { windowTitle } from "./window-title.ts";

/** The live area moves while something runs, even when nothing is said. */
const TICK_MS = 100;

/** Runs the terminal user interface until the user leaves. The terminal is put back whatever happens. */
export async function runTui(ports: TuiPorts, start: TuiStart): Promise<TuiEnd> {
  const opened = await openThread(ports.client, start.how, start.params);
  return new Tui(ports, start, opened).run();
}

/** The full interface: the screen, the keys and what they do to the conversation. */
class Tui {
  readonly #ports: TuiPorts;
  readonly #painter: Painter;
  readonly #dialogs: DialogQueue;
  readonly #composer: ComposerHost;
  readonly #session: Session;
  readonly #conversation: Conversation;
  readonly #interruption: Interruption;
  readonly #looks: WindowLooks;
  #transcript: Transcript | null = null;
  #syntax: SyntaxColours = NO_SYNTAX;
  #branch: string | null = null;
  #stopTick: (() => void) | null = null;

  constructor(ports: TuiPorts, start: TuiStart, opened: Opened) {
    const { client, clock, inputHistory } = ports;
    this.#ports = ports;
    this.#painter = new Painter(ports.terminal, clock, ports.palette, () => this.#draw());
    this.#dialogs = new DialogQueue(clock, {
      onChange: () => this.#painter.now(),
      isShown: (threadId) => !this.#conversation.others.some(({ id }) => id === threadId),
    });
    this.#interruption = new Interruption(clock.now);
    this.#session = new Session(ports, start, opened, this.#front());
    const { preferences, conversation } = this.#session;
    this.#conversation = conversation;
    this.#looks = new WindowLooks(ports, this.#painter, preferences);
    this.#composer = new ComposerHost({
      client,
      inputHistory,
      keymap: preferences.keymap,
      vim: preferences.vim,
      ask: (dialog, options) => this.#dialogs.ask(dialog, options),
      cwd: () => conversation.thread.settings.cwd,
      commands: () => conversation.suggestions,
      skills: () => conversation.skills,
      task: (work) => this.#session.task(work),
      act: (action) => this.#act(action),
    });
  }

  run(): Promise<TuiEnd> {
    return this.#session.run();
  }

  #front(): Front {
    const painter = this.#painter;
    return {
      say: (lines) => painter.printLines(lines),
      ask: (dialog, options) => this.#dialogs.ask(dialog, options),
      print: (entries) => painter.print(entries, this.#view()),
      view: () => this.#view(),
      earlier: "… earlier turns: Ctrl-T",
      setText: (text, images) => this.#composer.putBack(text, images),
      take: () => this.#take(),
      call: (kind, text) => this.#looks.call(kind, text),
      copy: (text) => {
        const line = lineOf("The answer is too long for a terminal's clipboard.", { ink: "warn" });
        if (!this.#looks.copy(text)) painter.printLines([line]);
      },
      setTheme: (name) => this.#looks.setTheme(name),
      toggleVim: () => this.#composer.toggleVim(),
      shown: () => this.#dialogs.threadShown(),
      endedElsewhere: () => painter.soon(), // the status line says it
      begun: () => undefined,
      ready: () => undefined,
      taskEnded: () => painter.soon(),
    };
  }

  /** Takes the terminal; the returned function gives it back as it was. */
  #take(): () => void {
    const { terminal, clock, asksBackground } = this.#ports;
    takeTerminal(terminal);
    const onKeys = (events: readonly KeyEvent[]) => {
      for (const event of events) this.#press(event);
      this.#painter.now();
    };
    const stopKeys = listenToKeys(terminal, clock, onKeys, (background) => this.#looks.fitTheme(background));
    if (asksBackground) terminal.write(ASK_BACKGROUND);
    this.#session.task(this.#loadExtras());
    return () => {
      this.#stopTick?.();
      stopKeys();
      this.#transcript?.close();
      this.#dialogs.close();
      this.#painter.close();
      this.#looks.close();
      leaveTerminal(terminal);
    };
  }

  async #loadExtras(): Promise<void> {
    const [syntax, branch] = await Promise.all([
      loadSyntaxColours(() => this.#painter.soon()),
      this.#ports.branchOf(this.#conversation.thread.settings.cwd),
    ]);
    this.#syntax = syntax;
    this.#branch = branch;
    await this.#conversation.loadSkills();
    this.#composer.refreshSkills();
  }

  #draw(): LiveArea {
    const { columns, rows } = this.#ports.terminal;
    const { thread, queue, others } = this.#conversation;
    const { settings, state } = thread;
    if (state.turn !== null) this.#interruption.forgetEscape();
    const hint = this.#interruption.hint ?? this.#connectionHint();
    this.#keepTicking(state.turn !== null || this.#interruption.isTimed);
    const facts = { settings, state, branch: this.#branch, homeDir: this.#ports.homeDir, hint };
    const { preferences } = this.#session;
    this.#looks.showTitle(windowTitle(preferences.title, facts));
    return drawLiveArea(
      {
        ...facts,
        fields: preferences.statusLine,
        others: others.map(({ attention }) => attention),
        mode: this.#composer.mode,
        view: this.#view(),
        composer: this.#composer.state,
        dialog: this.#dialogs.current,
        isSettling: this.#dialogs.isSettling,
        unread: thread.unread,
        queue: queue.all,
        now: this.#ports.clock.now(),
      },
      { columns, rows },
    );
  }

  #connectionHint(): string | null {
    const state = this.#ports.connection?.state;
    return state?.kind === "lost" ? `no connection · attempt ${state.attempt}` : null;
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

  #press(event: KeyEvent): void {
    if (event.type === "focus") {
      this.#looks.hasFocus = event.focused;
      return;
    }
    if (event.type !== "key" || event.key !== "escape") this.#interruption.forgetEscape();
    if (this.#transcript !== null) this.#pressInTranscript(this.#transcript, event);
    else if (this.#dialogs.current === null) this.#composer.press(event);
    else if (this.#session.preferences.keymap.actionOf(event) === "next_thread")
      this.#conversation.switchTo(null);
    else this.#dialogs.press(event);
  }

  #act(action: ComposerAction): void {
    const conversation = this.#conversation;
    const { terminal, suspend } = this.#ports;
    switch (action.kind) {
      case "send":
        conversation.submit(action.written);
        break;
      case "queue":
        conversation.enqueue(action.written);
        break;
      case "interrupt":
        this.#interrupt("ctrlC");
        break;
      case "escape":
        this.#interrupt("escape");
        break;
      case "quit":
        this.#session.quit();
        break;
      case "pasteImage":
        this.#session.task(this.#pasteImage());
        break;
      case "openEditor":
        this.#session.task(this.#openEditor());
        break;
      case "searchHistory":
        break; // the composer's host does it
      case "openTranscript":
        this.#session.task(this.#openTranscript());
        break;
      case "nextThread":
        conversation.switchTo(null);
        break;
      case "recallQueued":
        this.#session.task(conversation.recallQueued());
        break;
      case "suspend":
        this.#session.task(lendTerminal(terminal, this.#painter, suspend));
    }
  }

  #interrupt(key: "ctrlC" | "escape"): void {
    const what = this.#interruption.press(key, this.#conversation.isRunning);
    if (what === "interrupt") this.#session.task(this.#conversation.interrupt());
    if (what === "rewind") this.#session.task(REWIND.run("", this.#conversation.context()));
    if (what === "leave") this.#session.quit();
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
}
