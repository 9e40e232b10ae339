import { KeyDecoder } from "../keys/decode-keys.ts";
import type { BackgroundReport, KeyEvent } from "../keys/key-event.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Clock } from "./ports.ts";

/** A lone ESC is the key when nothing has followed it for this long. */
const ESCAPE_MS = 40;

/** Gives key events as they come, all that came together in one call; returns the function that ends it. */
export function listenToKeys(
  terminal: Pick<Terminal, "onInput">,
  clock: Clock,
  onKeys: (events: readonly KeyEvent[]) => void,
  onBackground: (report: BackgroundReport) => void,
): () => void {
  const decoder = new KeyDecoder(onBackground);
  let stopEscape = () => {};
  const stopInput = terminal.onInput((bytes) => {
    stopEscape();
    onKeys(decoder.decode(bytes));
    if (decoder.isWaiting) stopEscape = clock.after(ESCAPE_MS, () => onKeys(decoder.flush()));
  });
  return () => {
    stopEscape();
    stopInput();
  };
}
