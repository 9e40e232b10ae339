import type { BlockView } from "../blocks/block-view.ts";
import { entryBlock } from "../blocks/entry.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import type { TimelineEntry } from "../state/thread-state.ts";
import { safeLine } from "../text/safe-text.ts";
import { lineOf, plainText, type StyledLine } from "../text/styled-line.ts";
import type { Conversation } from "./conversation.ts";
import type { AskOptions } from "./dialog-queue.ts";
import { LineInput } from "./line-input.ts";
import { type Opened, openThread } from "./open-thread.ts";
import type { TuiPorts } from "./ports.ts";
import { type Front, Session, type TuiEnd, type TuiStart } from "./session.ts";

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
  readonly #session: Session;
  readonly #conversation: Conversation;
  readonly #input = new LineInput();
  #dialogs: OpenDialog[] = [];
  #wasRunning = false;
  #inputHasEnded = false;
  /** What was written and not taken yet. */
  readonly #lines: string[] = [];

  constructor(ports: TuiPorts, start: TuiStart, opened: Opened) {
    this.#ports = ports;
    this.#session = new Session(ports, start, opened, this.#front());
    this.#conversation = this.#session.conversation;
  }

  run(): Promise<TuiEnd> {
    return this.#session.run();
  }

  #front(): Front {
    const say = (text: string) => this.#print([lineOf(text)]);
    return {
      say: (lines) => this.#print(lines),
      ask: (dialog, options) => this.#ask(dialog, options),
      print: (entries) => this.#printEntries(entries),
      view: () => this.#view(),
      earlier: "There are earlier turns; /export writes them all to a file.",
      setText: (text) =>
        this.#print([lineOf("This is not sent; write it again as it should be:"), lineOf(text)]),
      take: () => this.#listen(),
      call: () => undefined,
      endedElsewhere: (title) => say(`Another thread is done: ${safeLine(title)}. /threads leads there.`),
      copy: () => say("There is no clipboard here; /export writes the thread to a file."),
      setTheme: () => say("There are no colours here."),
      toggleVim: () => {
        say("Here whole lines are read, so there are no keys to choose.");
        return false;
      },
      shown: () => undefined,
      begun: () => {
        if (this.#ports.isTyped) say("Say what to do. /help lists commands, /quit leaves.");
      },
      ready: () => this.#turnEnded(),
      taskEnded: () => this.#goOn(),
    };
  }

  #listen(): () => void {
    const { terminal, inputEnded, onInterrupt } = this.#ports;
    const ended = () => this.#inputEnded();
    const stopInput = terminal.onInput((bytes) => this.#input.take(bytes, (line) => this.#take(line)));
    inputEnded.addEventListener("abort", ended, { once: true });
    const stopInterrupts = onInterrupt(() => this.#interrupt());
    return () => {
      inputEnded.removeEventListener("abort", ended);
      stopInterrupts();
      stopInput();
      for (const { finish } of this.#dialogs.splice(0)) finish(null);
    };
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#goOn();
  }

  /** Takes what was written as far as it can be used now: an answer while something is asked, else the next message. */
  #goOn(): void {
    while (!this.#session.isLeaving) {
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
    return this.#session.taskCount === 0 && (this.#ports.isTyped || !this.#conversation.isRunning);
  }

  /** What was written is finished first. */
  #endWithInput(): void {
    for (const { finish } of this.#dialogs.splice(0)) finish(null);
    if (this.#session.taskCount === 0 && !this.#conversation.isRunning) this.#session.quit();
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
    if (this.#conversation.isRunning) this.#session.task(this.#conversation.interrupt());
    else this.#session.quit();
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
