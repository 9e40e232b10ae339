import type { Dialog } from "../dialogs/dialog.ts";
import type { KeyEvent } from "../keys/key-event.ts";

/** Keys that come sooner after a dialog has appeared were meant for what was there before. */
const SETTLE_MS = 350;

interface Waiting {
  dialog: Dialog<unknown>;
  readonly finish: (value: unknown) => void;
  shownAt: number | null;
}

/** Dialogs one after another, in the order in which they were asked for. */
export class DialogQueue {
  readonly #now: () => number;
  readonly #onChange: () => void;
  #waiting: Waiting[] = [];

  constructor(now: () => number, onChange: () => void) {
    this.#now = now;
    this.#onChange = onChange;
  }

  /** What is shown instead of the composer. */
  get current(): Dialog<unknown> | null {
    return this.#waiting[0]?.dialog ?? null;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Resolves with what is chosen; with null when the queue is closed first. `settle` keeps keys off for a moment. */
  ask<T>(dialog: Dialog<T | null>, settle = false): Promise<T | null> {
    return new Promise((resolve) => {
      this.#waiting.push({
        dialog,
        // Only this dialog's own steps reach it, and they give its own type.
        finish: (value) => resolve(value as T | null),
        shownAt: settle ? null : Number.NEGATIVE_INFINITY,
      });
      this.#show();
    });
  }

  press(event: KeyEvent): void {
    const shown = this.#waiting[0];
    if (shown === undefined || this.#now() - (shown.shownAt ?? 0) < SETTLE_MS) return;
    const step = shown.dialog.press(event);
    if (step.kind === "open") shown.dialog = step.dialog;
    else {
      this.#waiting.shift();
      shown.finish(step.value);
      this.#show();
    }
    this.#onChange();
  }

  /** Every dialog ends without a choice. May be called twice. */
  close(): void {
    for (const { finish } of this.#waiting.splice(0)) finish(null);
    this.#onChange();
  }

  #show(): void {
    const first = this.#waiting[0];
    if (first) first.shownAt ??= this.#now();
    this.#onChange();
  }
}
