import type { KeyEvent } from "../keys/key-event.ts";
import type { LiveArea, ScreenSize } from "../terminal/live-screen.ts";

/** Where a dialog stands after a key: still open in a new form, or done with what was chosen. */
export type DialogStep<T> =
  | { readonly kind: "open"; readonly dialog: Dialog<T> }
  | { readonly kind: "done"; readonly value: T };

/** A dialog in plain lines. */
export interface PlainForm<T> {
  readonly lines: readonly string[];
  /** What is typed must not be shown. */
  readonly isSecret?: boolean;
  answer(line: string): DialogStep<T>;
}

/**
 * A question in place of the composer: an approval, a list to choose from, a text to read. Immutable: a key gives the next
 * form, so that a dialog can be tested key by key as text.
 */
export interface Dialog<T> {
  /** `isSettling`: keys are not taken yet, and the line that names them says so. */
  render(size: ScreenSize, isSettling?: boolean): LiveArea;
  press(event: KeyEvent): DialogStep<T>;
  /** The same in plain lines, for the screen reader mode: printed once, answered by a line of text. */
  plain(): PlainForm<T>;
}

/** In place of the keys while they are not taken. */
export const SETTLING = "one moment …";
