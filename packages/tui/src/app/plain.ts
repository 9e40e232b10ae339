import type { BlockView } from "../blocks/block-view.ts";
import { entryBlock } from "../blocks/entry.ts";
import { noticeBlock } from "../blocks/message.ts";
import type { OpenHow } from "../commands/command.ts";
import { setUp } from "../commands/setup.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import { type Preferences, readPreferences } from "../preferences/preferences.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import { lineOf, plainText, type StyledLine } from "../text/styled-line.ts";
import { banner } from "./banner.ts";
import { Conversation } from "./conversation.ts";
import type { AskOptions } from "./dialog-queue.ts";
import { failureLines } from "./failure.ts";
import { LineInput } from "./line-input.ts";
import { type Opened, openThread } from "./open-thread.ts";
import type { TuiPorts } from "./ports.ts";
import { answerQuestions } from "./questions.ts";
import { decideTrust, openNoticeLines } from "./trust.ts";
import type { TuiEnd, TuiStart } from "./tui.ts";

/**
 * The same conversation for screen readers, terminals that know no cursor, and pipes: every line is printed once and never
 * changed, what is written comes as whole lines, and a question is a numbered list that a line answers.
 */
export async function runPlain(ports: TuiPorts, start: TuiStart): Promise<TuiEnd> {
  const opened = await openThread(ports.client, start.how, start.params);
  return new Plain(ports, start, opened).run();
}

interface OpenDialog {
  dialog: Dialog<unknown>;
  readonly finish: (value: unknown) => void;
}

class Plain {
  readonly #ports: TuiPorts;
  readonly #start: TuiStart;
  readonly #opened: Opened;
  readonly #preferences: Preferences;
  readonly #conversation: Conversation;
  readonly #input = new LineInput();
  #dialogs: OpenDialog[] = [];
  #wasRunning = false;
  #inputHasEnded = false;
  /** What was written and not taken yet. */
  readonly #lines: string[] = [];
  /** Work that goes on for something that was written. */
  #tasks = 0;
  #isLeaving = false;
  #leave: (end: TuiEnd) => void = () => undefined;

  constructor(ports: TuiPorts, start: TuiStart, opened: Opened) {
    this.#ports = ports;
    this.#start = start;
    this.#opened = opened;
    this.#preferences = readPreferences(ports.settings);
    this.#conversation = new Conversation(
      ports,
      { params: start.params, opened, preferences: this.#preferences },
      {
        say: (lines) => this.#print(lines),
        ask: (dialog, options) => this.#ask(dialog, options),
        print: (entries) => this.#printEntries(entries),
        setText: (text) =>
          this.#print([lineOf("This is not sent; write it again as it should be:"), lineOf(text)]),
        task: (work) => this.#task(work),
        opened: (next, how) => this.#showOpened(next, how),
        turnEnded: () => this.#turnEnded(),
        copy: () => this.#print([lineOf("There is no clipboard here; /export writes the thread to a file.")]),
        setTheme: () => this.#print([lineOf("There are no colours here.")]),
        toggleVim: () => {
          this.#print([lineOf("Here whole lines are read, so there are no keys to choose.")]);
          return false;
        },
        quit: () => this.#quit(),
      },
    );
  }

  async run(): Promise<TuiEnd> {
    const { client, terminal, stop, inputEnded, onInterrupt } = this.#ports;
    const left = new Promise<TuiEnd>((resolve) => {
      this.#leave = resolve;
    });
    const stopped = () => {
      this.#isLeaving = true;
      this.#leave(this.#end());
    };
    const ended = () => this.#inputEnded();
    stop.addEventListener("abort", stopped, { once: true });
    const stopInput = terminal.onInput((bytes) => this.#input.take(bytes, (line) => this.#take(line)));
    inputEnded.addEventListener("abort", ended, { once: true });
    const stopInterrupts = onInterrupt(() => this.#interrupt());
    void client.closed.then((reason) => this.#connectionEnded(reason));
    answerQuestions(
      client,
      (dialog, options) => this.#ask(dialog, options),
      () => this.#view(),
      () => undefined,
    );
    try {
      if (stop.aborted) return this.#end();
      this.#task(this.#begin());
      return await left;
    } finally {
      stop.removeEventListener("abort", stopped);
      inputEnded.removeEventListener("abort", ended);
      stopInterrupts();
      stopInput();
      this.#conversation.close();
      for (const { finish } of this.#dialogs.splice(0)) finish(null);
    }
  }

  async #begin(): Promise<void> {
    await this.#conversation.loadPrompts();
    await this.#showOpened(this.#opened, this.#start.how);
    this.#print(this.#preferences.problems.flatMap((problem) => noticeBlock("warn", problem, null)));
    const { setup } = this.#ports;
    const isOffline = this.#opened.notices?.some(({ code }) => code === "model_offline") ?? false;
    if (setup !== null && isOffline && this.#start.how.kind === "new" && !setup.isDone()) {
      await setUp({ ...this.#conversation.context(), setup });
    }
    if (this.#start.prompt !== null) this.#conversation.send(this.#start.prompt);
    else if (this.#ports.isTyped)
      this.#print([lineOf("Say what to do. /help lists commands, /quit leaves.")]);
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#goOn();
  }

  /** Takes what was written as far as it can be used now: an answer while something is asked, else the next message. */
  #goOn(): void {
    while (!this.#isLeaving) {
      const [open] = this.#dialogs;
      const mayTake = open !== undefined || this.#isIdle;
      if (!mayTake) return;
      const line = this.#lines.shift();
      if (line === undefined) break;
      if (open !== undefined) this.#answer(open, line);
      else if (line.trim() !== "") this.#conversation.submit({ text: line, images: [] });
    }
    if (this.#inputHasEnded) this.#endWithInput();
  }

  /** Whether a message can be taken: nothing that was begun by an earlier one may still ask something. */
  get #isIdle(): boolean {
    return this.#tasks === 0 && (this.#ports.isTyped || !this.#conversation.isRunning);
  }

  /** What was written is finished first. */
  #endWithInput(): void {
    for (const { finish } of this.#dialogs.splice(0)) finish(null);
    if (this.#tasks === 0 && !this.#conversation.isRunning) this.#quit();
  }

  #inputEnded(): void {
    this.#inputHasEnded = true;
    this.#input.end((line) => this.#take(line));
    this.#goOn();
  }

  #ask<T>(dialog: Dialog<T | null>, { signal }: AskOptions = {}): Promise<T | null> {
    if (signal?.aborted || (this.#inputHasEnded && this.#lines.length === 0)) return Promise.resolve(null);
    return new Promise((resolve) => {
      const open: OpenDialog = {
        dialog,
        finish: (value) => {
          signal?.removeEventListener("abort", withdraw);
          // Only this dialog's own steps reach it, and they give its own type.
          resolve(value as T | null);
        },
      };
      const withdraw = () => {
        this.#close(open, null);
        this.#print([lineOf("This was answered elsewhere.")]);
      };
      signal?.addEventListener("abort", withdraw, { once: true });
      this.#dialogs.push(open);
      if (this.#dialogs[0] === open) this.#show(open);
    });
  }

  #show({ dialog }: OpenDialog): void {
    const { lines, isSecret } = dialog.plain();
    // In raw mode a terminal shows nothing of what is typed.
    if (isSecret) this.#ports.terminal.setRaw(true);
    this.#print(lines.map((line) => lineOf(line)));
    // What was written ahead answers it.
    setImmediate(() => this.#goOn());
  }

  #answer(open: OpenDialog, line: string): void {
    const form = open.dialog.plain();
    if (form.isSecret) this.#ports.terminal.setRaw(false);
    const step = form.answer(line);
    if (step.kind === "done") this.#close(open, step.value);
    else {
      open.dialog = step.dialog;
      this.#show(open);
    }
  }

  #close(open: OpenDialog, value: unknown): void {
    const wasShown = this.#dialogs[0] === open;
    this.#dialogs = this.#dialogs.filter((other) => other !== open);
    open.finish(value);
    const [next] = this.#dialogs;
    if (wasShown && next !== undefined) this.#show(next);
  }

  #printEntries(entries: readonly TimelineEntry[]): void {
    const { isRunning } = this.#conversation;
    if (isRunning && !this.#wasRunning) this.#print([lineOf("Working.")]);
    this.#wasRunning = isRunning;
    for (const entry of entries) {
      // What the user has written stands there already.
      if (entry.kind === "item" && entry.item.type === "userMessage") continue;
      this.#print(entryBlock(entry, this.#view()));
    }
  }

  #turnEnded(): void {
    if (!this.#inputHasEnded) this.#print([lineOf("Ready.")]);
    // The next queued message goes first.
    setImmediate(() => this.#goOn());
  }

  #interrupt(): void {
    if (this.#conversation.isRunning) this.#task(this.#conversation.interrupt());
    else this.#quit();
  }

  #quit(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    const end = this.#end();
    this.#task(this.#conversation.leave().finally(() => this.#leave(end)));
  }

  #end(): TuiEnd {
    const { id, isEmpty, thread } = this.#conversation.thread;
    return isEmpty ? { threadId: null, log: null } : { threadId: id, log: thread.path ?? null };
  }

  #connectionEnded(reason: string | null): void {
    if (this.#isLeaving) return;
    const words = `The connection to the engine ended${reason === null ? "" : `: ${reason}`}.`;
    this.#print(noticeBlock("bad", words, "connection_closed"));
    this.#leave(this.#end());
  }

  #task(work: Promise<unknown>): void {
    this.#tasks += 1;
    void work
      .catch((thrown: unknown) => this.#print(failureLines(thrown)))
      .finally(() => {
        this.#tasks -= 1;
        this.#goOn();
      });
  }

  async #showOpened(opened: Opened, how: OpenHow): Promise<void> {
    this.#print([...banner(this.#conversation.thread.settings, this.#ports), ...openNoticeLines(opened)]);
    if (how.kind !== "new") {
      const { entries, hasEarlier } = await this.#conversation.thread.history();
      if (hasEarlier) this.#print([lineOf("There are earlier turns; /export writes them all to a file.")]);
      for (const entry of entries) this.#print(entryBlock(entry, this.#view()));
    }
    const isTrusted = await decideTrust(opened, {
      ask: (dialog) => this.#ask(dialog),
      decide: this.#ports.decideTrust,
    });
    if (isTrusted && how.kind === "new") await this.#conversation.open({ kind: "new" });
  }

  #view(): BlockView {
    const { columns } = this.#ports.terminal;
    const { cwd } = this.#conversation.thread.settings;
    return { columns, cwd, syntax: NO_SYNTAX, unfolded: false };
  }

  /** Lines are not wrapped: a reader, or the terminal, does that as it likes. */
  #print(lines: readonly StyledLine[]): void {
    if (lines.length === 0) return;
    this.#ports.terminal.write(`${lines.map(plainText).join("\n")}\n`);
  }
}
