import type { BlockView } from "../blocks/block-view.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { CommandContext, OpenHow } from "../commands/command.ts";
import { COMMANDS, findCommand } from "../commands/table.ts";
import {
  type ComposerAction,
  type ComposerState,
  EMPTY_COMPOSER,
  pressInComposer,
  type Written,
  withFiles,
  withImage,
  withText,
} from "../composer/composer.ts";
import type { Suggestion } from "../composer/suggestions.ts";
import { pickDialog } from "../dialogs/pick.ts";
import { KeyDecoder } from "../keys/decode-keys.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import { loadSyntaxColours, NO_SYNTAX, type SyntaxColours } from "../markdown/syntax.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import type { LiveArea } from "../terminal/live-screen.ts";
import {
  attentionSequence,
  clipboardSequence,
  ENTER_MODES,
  LEAVE_MODES,
  titleSequence,
} from "../terminal/modes.ts";
import { THEMES } from "../terminal/theme.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import { banner } from "./banner.ts";
import { DialogQueue } from "./dialog-queue.ts";
import { failureLines } from "./failure.ts";
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

/** A lone ESC is the key when nothing has followed it for this long. */
const ESCAPE_MS = 40;
/** The live area moves while something runs, even when nothing is said. */
const TICK_MS = 100;
/** Within this time a second Ctrl-C leaves. */
const LEAVE_MS = 2000;
const SUGGESTED_FILES = 30;

/** Runs the terminal user interface until the user leaves. The terminal is put back whatever happens. */
export async function runTui(ports: TuiPorts, start: TuiStart): Promise<TuiEnd> {
  const link = await openThread(ports.client, start.how, start.params);
  const tui = new Tui(ports, start, link);
  return tui.run(start.prompt);
}

class Tui {
  readonly #ports: TuiPorts;
  readonly #start: TuiStart;
  readonly #painter: Painter;
  readonly #dialogs: DialogQueue;
  readonly #decoder = new KeyDecoder();
  #thread: ThreadLink;
  #composer: ComposerState = EMPTY_COMPOSER;
  #queue: Written[] = [];
  #history: string[];
  #syntax: SyntaxColours = NO_SYNTAX;
  #branch: string | null = null;
  #hint: { readonly text: string; readonly until: number } | null = null;
  #hasFocus = true;
  #transcript: Transcript | null = null;
  #stopEscape: () => void = () => undefined;
  #stopTick: (() => void) | null = null;
  #leave: (end: TuiEnd) => void = () => undefined;

  constructor(ports: TuiPorts, start: TuiStart, opened: Awaited<ReturnType<typeof openThread>>) {
    this.#ports = ports;
    this.#start = start;
    this.#history = [...ports.inputHistory.read()];
    this.#dialogs = new DialogQueue(ports.clock.now, () => this.#painter.now());
    this.#painter = new Painter(ports.terminal, ports.clock, ports.palette, () => this.#draw());
    this.#thread = new ThreadLink(ports.client, opened, (entries) => this.#ended(entries));
  }

  async run(prompt: Written | null): Promise<TuiEnd> {
    const { terminal, client } = this.#ports;
    const left = new Promise<TuiEnd>((resolve) => {
      this.#leave = resolve;
    });
    terminal.setRaw(true);
    terminal.write(ENTER_MODES);
    const stopInput = terminal.onInput((bytes) => this.#input(bytes));
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
      void this.#loadExtras();
      if (this.#start.how.kind !== "new") await this.#showHistory();
      if (prompt !== null) this.#send(prompt);
      return await left;
    } finally {
      this.#stopTick?.();
      this.#stopEscape();
      stopInput();
      this.#thread.close();
      this.#dialogs.close();
      this.#painter.close();
      terminal.write(LEAVE_MODES);
      terminal.setRaw(false);
    }
  }

  #draw(): LiveArea {
    const now = this.#ports.clock.now();
    if (this.#hint !== null && this.#hint.until <= now) this.#hint = null;
    const { columns, rows } = this.#ports.terminal;
    const { settings, state } = this.#thread;
    const facts = {
      settings,
      state,
      view: this.#view(),
      composer: this.#composer,
      dialog: this.#dialogs.current,
      queue: this.#queue,
      branch: this.#branch,
      homeDir: this.#ports.homeDir,
      hint: this.#hint?.text ?? null,
      now,
    };
    this.#keepTicking(state.turn !== null || this.#hint !== null);
    return drawLiveArea(facts, { columns, rows });
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
    this.#painter.soon();
  }

  #ended(entries: readonly TimelineEntry[]): void {
    if (entries.length === 0) {
      this.#painter.soon();
      return;
    }
    this.#painter.print(entries, this.#view());
    if (entries.some(({ kind }) => kind === "turnEnded")) this.#turnEnded();
  }

  #turnEnded(): void {
    const { state } = this.#thread;
    if (!this.#hasFocus) this.#wantAttention("turnEnded", state.name ?? "The agent is done");
    const next = this.#queue.shift();
    if (next !== undefined) this.#send(next);
  }

  #wantAttention(kind: "approval" | "question" | "turnEnded", text: string): void {
    const words = safeLine(text);
    if (!this.#hasFocus) this.#ports.terminal.write(attentionSequence(words));
    this.#ports.notify({ kind, text: words });
  }

  #input(bytes: Uint8Array): void {
    this.#stopEscape();
    for (const event of this.#decoder.decode(bytes)) this.#press(event);
    if (this.#decoder.isWaiting) {
      this.#stopEscape = this.#ports.clock.after(ESCAPE_MS, () => {
        for (const event of this.#decoder.flush()) this.#press(event);
        this.#painter.now();
      });
    }
    this.#painter.now();
  }

  #press(event: KeyEvent): void {
    if (event.type === "focus") {
      this.#hasFocus = event.focused;
      return;
    }
    if (this.#transcript !== null) {
      if (!this.#transcript.press(event)) this.#closeTranscript();
      return;
    }
    if (this.#dialogs.current !== null) {
      this.#dialogs.press(event);
      return;
    }
    const { state, action } = pressInComposer(this.#composer, event, {
      history: this.#history,
      commands: commandSuggestions(this.#thread.state.turn !== null),
      skills: [],
    });
    const before = this.#composer.suggestions?.trigger;
    this.#composer = state;
    const trigger = state.suggestions?.trigger;
    if (trigger?.sign === "@" && (before?.sign !== "@" || before.query !== trigger.query)) {
      this.#task(this.#findFiles(trigger.query));
    }
    if (action !== null) this.#act(action);
  }

  #act(action: ComposerAction): void {
    switch (action.kind) {
      case "send":
        this.#remember(action.written.text);
        this.#submit(action.written);
        return;
      case "queue":
        this.#remember(action.written.text);
        if (this.#thread.state.turn === null) this.#submit(action.written);
        else this.#queue.push(action.written);
        return;
      case "interrupt":
        this.#interrupt();
        return;
      case "quit":
        this.#quit();
        return;
      case "pasteImage":
        this.#task(this.#pasteImage());
        return;
      case "openEditor":
        this.#task(this.#openEditor());
        return;
      case "searchHistory":
        this.#task(this.#searchHistory());
        return;
      case "other":
        this.#otherKey(action.event);
    }
  }

  /** Alt-Up takes the last queued message back into the composer, Ctrl-T shows the whole thread. */
  #otherKey(event: KeyEvent): void {
    if (event.type !== "key") return;
    if (event.ctrl && typeof event.key !== "string" && event.key.char === "t")
      this.#task(this.#openTranscript());
    if (event.key !== "up" || !event.alt) return;
    const last = this.#queue.pop();
    if (last !== undefined) this.#composer = withText(EMPTY_COMPOSER, last.text);
  }

  #submit(written: Written): void {
    const found = findCommand(written.text);
    if (found === null) {
      this.#send(written);
      return;
    }
    const { command, argument } = found;
    if (!command.whileRunning && this.#thread.state.turn !== null) {
      this.#say([
        lineOf(`/${command.name} has to wait until the agent is done. Esc interrupts it.`, { ink: "warn" }),
      ]);
      return;
    }
    this.#task(command.run(argument, this.#commandContext()));
  }

  /** A message that could not be sent comes back into the composer, so that nothing is lost. */
  #send(written: Written): void {
    this.#task(
      this.#thread.send(written).catch((thrown: unknown) => {
        if (this.#composer.editor.text === "") this.#composer = withText(this.#composer, written.text);
        throw thrown;
      }),
    );
  }

  #interrupt(): void {
    if (this.#thread.state.turn !== null && this.#hint === null) {
      this.#task(this.#thread.interrupt());
      this.#remind("Interrupting · Ctrl-C again leaves");
    } else if (this.#hint === null) this.#remind("Ctrl-C again leaves");
    else this.#quit();
  }

  #remind(text: string): void {
    this.#hint = { text, until: this.#ports.clock.now() + LEAVE_MS };
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
    this.#say(
      noticeBlock(
        "bad",
        `The connection to the engine ended${reason === null ? "" : `: ${reason}`}.`,
        "connection_closed",
      ),
    );
    this.#leave({ threadId: this.#thread.id });
  }

  #remember(text: string): void {
    if (text.trim() === "" || this.#history[0] === text) return;
    this.#history = [text, ...this.#history];
    this.#ports.inputHistory.append(text);
  }

  #say(lines: readonly StyledLine[]): void {
    this.#painter.printLines(lines);
  }

  /** Work that a key has begun: what goes wrong is said, with its code, and nothing ends by it. */
  #task(work: Promise<void>): void {
    void work.catch((thrown: unknown) => this.#say(failureLines(thrown))).finally(() => this.#painter.soon());
  }

  async #findFiles(query: string): Promise<void> {
    const { files } = await this.#ports.client.request("fuzzyFileSearch", {
      query,
      roots: [this.#thread.settings.cwd],
      cancellationToken: "composer",
    });
    const found = files.slice(0, SUGGESTED_FILES).map(
      ({ path, match_type }): Suggestion => ({
        value: match_type === "directory" ? `${path}/` : path,
        hint: "",
        isComplete: true,
      }),
    );
    this.#composer = withFiles(this.#composer, query, found);
  }

  async #pasteImage(): Promise<void> {
    const path = await this.#ports.clipboardImage();
    if (path === null) this.#say([lineOf("There is no picture on the clipboard.", { ink: "muted" })]);
    else this.#composer = withImage(this.#composer, path);
  }

  async #openEditor(): Promise<void> {
    const { terminal } = this.#ports;
    this.#painter.pause();
    terminal.write(LEAVE_MODES);
    terminal.setRaw(false);
    try {
      const text = await this.#ports.editText(this.#composer.editor.text);
      if (text !== null) this.#composer = withText(this.#composer, text.replace(/\n+$/, ""));
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

  #closeTranscript(): void {
    this.#transcript = null;
    this.#painter.resume();
  }

  async #searchHistory(): Promise<void> {
    const choices = this.#history
      .slice(0, 1000)
      .map((text) => ({ label: text.replaceAll("\n", " "), hint: "", value: text }));
    const text = await this.#dialogs.ask(
      pickDialog({ title: "Earlier inputs", choices, isSearchable: true }),
    );
    if (text !== null) this.#composer = withText(this.#composer, text);
  }

  async #showHistory(): Promise<void> {
    const { entries, hasEarlier } = await this.#thread.history();
    if (hasEarlier) this.#say([lineOf("… earlier turns are in the thread", { ink: "muted" })]);
    this.#painter.print(entries, this.#view());
  }

  #commandContext(): CommandContext {
    const { client, clock, homeDir, saveFile } = this.#ports;
    return {
      client,
      thread: this.#thread,
      ask: (dialog) => this.#dialogs.ask(dialog),
      say: (lines) => this.#say(lines),
      now: clock.now,
      homeDir,
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
    before.close();
    if (before.id !== this.#thread.id)
      await this.#ports.client.request("thread/unsubscribe", { threadId: before.id });
    this.#ports.terminal.write(titleSequence(`quire ${safeLine(this.#thread.state.name ?? "")}`));
    this.#say(banner(this.#thread.settings, this.#ports));
    if (how.kind !== "new") await this.#showHistory();
  }

  #copy(text: string): void {
    const sequence = clipboardSequence(text);
    if (sequence === null)
      this.#say([lineOf("The answer is too long for a terminal's clipboard.", { ink: "warn" })]);
    else this.#ports.terminal.write(sequence);
  }

  #setTheme(name: string): void {
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
