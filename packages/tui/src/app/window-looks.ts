import type { BackgroundReport } from "../keys/key-event.ts";
import type { AttentionKind } from "../preferences/fields.ts";
import type { Preferences } from "../preferences/preferences.ts";
import { clipboardSequence, titleSequence } from "../terminal/modes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { THEMES, themeFor } from "../terminal/theme.ts";
import { callSequence } from "./attention.ts";
import type { Painter } from "./painter.ts";
import type { TuiPorts } from "./ports.ts";

/** What the terminal is told beside the screen: title, theme, calls for attention, the clipboard. */
export class WindowLooks {
  readonly #terminal: Terminal;
  readonly #palette: TuiPorts["palette"];
  readonly #asksBackground: boolean;
  readonly #painter: Painter;
  readonly #preferences: Preferences;
  #title: string | null = null;
  #hasFocus = true;
  #hasChosenTheme = false;

  constructor(
    { terminal, palette, asksBackground }: Pick<TuiPorts, "terminal" | "palette" | "asksBackground">,
    painter: Painter,
    preferences: Preferences,
  ) {
    this.#terminal = terminal;
    this.#palette = palette;
    this.#asksBackground = asksBackground;
    this.#painter = painter;
    this.#preferences = preferences;
    if (preferences.theme !== null) this.setTheme(preferences.theme);
  }

  set hasFocus(hasFocus: boolean) {
    this.#hasFocus = hasFocus;
  }

  /** Null leaves the title alone. */
  showTitle(title: string | null): void {
    if (title === this.#title || title === null) return;
    this.#title = title;
    this.#terminal.write(titleSequence(title));
  }

  call(kind: AttentionKind, text: string): void {
    const { notifications } = this.#preferences;
    this.#terminal.write(callSequence(notifications, { kind, text, hasFocus: this.#hasFocus }));
  }

  /** False when it is too long for a terminal's clipboard. */
  copy(text: string): boolean {
    const sequence = clipboardSequence(text);
    if (sequence !== null) this.#terminal.write(sequence);
    return sequence !== null;
  }

  /** By the terminal's own word, when nothing else says how light it is. */
  fitTheme(background: BackgroundReport): void {
    if (this.#asksBackground && !this.#hasChosenTheme)
      this.#painter.palette = { ...this.#palette, theme: themeFor(background) };
  }

  setTheme(name: string): void {
    this.#hasChosenTheme = true;
    const theme = THEMES.find((one) => one.name === name);
    if (theme !== undefined) this.#painter.palette = { ...this.#palette, theme };
  }

  /** What was there before cannot be asked for; an empty title lets the terminal show its own. */
  close(): void {
    if (this.#title !== null) this.#terminal.write(titleSequence(""));
    this.#title = null;
  }
}
