import xterm from "@xterm/headless";

/** A real terminal emulator without a window: what a person would see, and what they would find by scrolling up. */
export interface Emulator {
  write(bytes: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Every row from the oldest in the scrollback to the last on the screen, without trailing blanks. */
  rows(): string[];
  /** The rows on the screen. */
  screen(): string[];
  /** Counted from the top of the screen. */
  cursor(): { row: number; column: number };
  /** What a program can leave behind in a terminal. */
  state(): { title: string; screen: "normal" | "alternate"; wraps: boolean };
}

export function createEmulator(columns: number, rows: number): Emulator {
  const terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 100_000, allowProposedApi: true });
  let title = "";
  terminal.onTitleChange((next) => {
    title = next;
  });
  const lines = (from: number, to: number) => {
    const { active } = terminal.buffer;
    const out: string[] = [];
    for (let at = from; at < to; at += 1)
      out.push(active.getLine(at)?.translateToString(true).trimEnd() ?? "");
    return out;
  };
  return {
    write: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    resize: (toColumns, toRows) => terminal.resize(toColumns, toRows),
    rows: () => lines(0, terminal.buffer.active.length),
    screen() {
      const { baseY } = terminal.buffer.active;
      return lines(baseY, baseY + terminal.rows);
    },
    cursor() {
      const { cursorX, cursorY } = terminal.buffer.active;
      return { row: cursorY, column: cursorX };
    },
    state: () => ({ title, screen: terminal.buffer.active.type, wraps: terminal.modes.wraparoundMode }),
  };
}
