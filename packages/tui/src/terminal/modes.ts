/**
 * What the terminal is asked for while we run, and how it is left. Bracketed paste tells pasted text from typed, focus
 * reports tell whether anybody looks, and the first level of the kitty keyboard protocol tells Shift-Enter from Enter.
 * Terminals ignore what they do not know.
 */
export const ENTER_MODES = "\x1b[?2004h\x1b[?1004h\x1b[>1u";
export const LEAVE_MODES = "\x1b[<u\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[0m";

/** Asks for the colour of the background. Nobody waits for the answer; terminals without one say nothing. */
export const ASK_BACKGROUND = "\x1b]11;?\x1b\\";

/** The title of the window; the text must be safe to show. */
export function titleSequence(title: string): string {
  return `\x1b]2;${title.slice(0, 120)}\x07`;
}

/** A notification, in terminals that show them; the text must be safe to show. */
export function attentionSequence(text: string): string {
  return `\x1b]9;${text.slice(0, 200)}\x07`;
}

export function bellSequence(): string {
  return "\x07";
}

/** Puts a text into the clipboard; null when it is longer than terminals take. */
export function clipboardSequence(text: string): string | null {
  const encoded = Buffer.from(text, "utf8").toString("base64");
  return encoded.length > 100_000 ? null : `\x1b]52;c;${encoded}\x07`;
}
