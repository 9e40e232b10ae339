/** Keys that are not text. */
export type NamedKey =
  | "enter"
  | "tab"
  | "escape"
  | "backspace"
  | "delete"
  | "insert"
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "pageUp"
  | "pageDown"
  | `f${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

export interface Modifiers {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/** What a person did at the keyboard, whatever dialect the terminal speaks. */
export type KeyEvent =
  /** A key with a name, or a letter or sign with Ctrl or Alt; letters are in lower case. */
  | ({ readonly type: "key"; readonly key: NamedKey | { readonly char: string } } & Modifiers)
  /** Typed text: one character or, where the terminal sends several at once, more. */
  | { readonly type: "text"; readonly text: string }
  /** Pasted text with its line ends as "\n", whole. */
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "focus"; readonly focused: boolean };

/** The terminal's answer to what its background is; each part from 0 to 1. */
export interface BackgroundReport {
  readonly type: "background";
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}
