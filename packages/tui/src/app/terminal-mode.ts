import { ENTER_MODES, LEAVE_MODES } from "../terminal/modes.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Painter } from "./painter.ts";

/** Takes the terminal for us: keys one by one, pastes and focus told apart. */
export function takeTerminal(terminal: Terminal): void {
  terminal.setRaw(true);
  terminal.write(ENTER_MODES);
}

/** Leaves the terminal as it was. */
export function leaveTerminal(terminal: Terminal): void {
  terminal.write(LEAVE_MODES);
  terminal.setRaw(false);
}

/** Gives the terminal away while something else has it: an editor, the shell. Comes back whatever happens there. */
export async function lendTerminal<T>(
  terminal: Terminal,
  painter: Pick<Painter, "pause" | "resume">,
  work: () => Promise<T>,
): Promise<T> {
  painter.pause();
  leaveTerminal(terminal);
  try {
    return await work();
  } finally {
    takeTerminal(terminal);
    painter.resume();
  }
}
