import type { Dialog } from "../dialogs/dialog.ts";
import type { KeyEvent } from "../keys/key-event.ts";
import type { Clock } from "./ports.ts";

/** Keys that come sooner after a dialog has appeared were meant for what was there before. */
const SETTLE_MS = 350;

interface Waiting {
  dialog: Dialog<unknown>;
  readonly finish: (value: unknown) => void;
  /** `due`: keys are to be kept off for a moment when it is shown; `settling`: they are; `settled`: they are taken. */
  state: "due" | "settling" | "settled";
  readonly threadId: string | null;
}

export interface AskOptions {
  /** Keeps keys off for a moment: the question comes while somebody may be writing. */
  readonly settle?: boolean;
  /** Puts the dialog away without a choice: the question is settled elsewhere. */
  readonly signal?: AbortSignal;
  /** The thread that asks; the dialog is shown while that thread is. Without one it is shown in any. */
  readonly threadId?: string;
}

/** Dialogs one after another, in the order in which they were asked for. */
export class DialogQueue {
  readonly #after: Clock["after"];
  readonly #onChange: () => void;
  readonly #isShown: (threadId: string) => boolean;
  #waiting: Waiting[] = [];
  #stopSettling: () => void = () => undefined;

  constructor(
    { after }: Pick<Clock, "after">,
    { onChange, isShown }: { onChange: () => void; isShown: (threadId: string) => boolean },
  ) {
    this.#after = after;
    this.#onChange = onChange;
    this.#isShown = isShown;
  }

  /** What is shown instead of the composer. */
  get current(): Dialog<unknown> | null {
    return this.#first?.dialog ?? null;
  }

  /** Whether it takes no keys yet. */
  get isSettling(): boolean {
    return this.#first?.state === "settling";
  }

  get #first(): Waiting | undefined {
    return this.#waiting.find(({ threadId }) => threadId === null || this.#isShown(threadId));
  }

  /** Resolves with what is chosen; with null when the queue is closed or the signal aborts first. */
  ask<T>(dialog: Dialog<T | null>, { settle = false, signal, threadId }: AskOptions = {}): Promise<T | null> {
    if (signal?.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const waiting: Waiting = {
        dialog,
        finish: (value) => {
          signal?.removeEventListener("abort", withdraw);
          // Only this dialog's own steps reach it, and they give its own type.
          resolve(value as T | null);
        },
        state: settle ? "due" : "settled",
        threadId: threadId ?? null,
      };
      const withdraw = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        waiting.finish(null);
        this.threadShown();
      };
      signal?.addEventListener("abort", withdraw, { once: true });
      this.#waiting.push(waiting);
      this.threadShown();
    });
  }

  press(event: KeyEvent): void {
    const shown = this.#first;
    if (shown === undefined || shown.state !== "settled") return;
    const step = shown.dialog.press(event);
    if (step.kind === "open") shown.dialog = step.dialog;
    else {
      this.#waiting = this.#waiting.filter((other) => other !== shown);
      shown.finish(step.value);
      this.threadShown();
    }
    this.#onChange();
  }

  /** Every dialog ends without a choice. May be called twice. */
  close(): void {
    this.#stopSettling();
    for (const { finish } of this.#waiting.splice(0)) finish(null);
    this.#onChange();
  }

  /** What is to be shown may be another dialog now, as when another thread is looked at. */
  threadShown(): void {
    const first = this.#first;
    if (first?.state === "due") {
      first.state = "settling";
      this.#stopSettling(); // of one that was withdrawn
      this.#stopSettling = this.#after(SETTLE_MS, () => {
        first.state = "settled";
        this.#onChange();
      });
    }
    this.#onChange();
  }
}
