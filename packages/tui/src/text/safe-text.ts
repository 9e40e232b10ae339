import { visibleText } from "@quire/protocol";

const TAB = "    ";

/** Text that we did not write, as lines that are safe to show. Carriage returns of progress bars leave what they left. */
export function safeLines(text: string): string[] {
  return text.split("\n").map((line) => safeLine(afterReturns(line)));
}

/** One line that is safe to show; a line end in it becomes visible. */
export function safeLine(text: string): string {
  return visibleText(withoutColours(text)).replaceAll("\n", "␊").replaceAll("\t", TAB);
}

/** A program that draws over its line means the last drawing. */
export function afterReturns(line: string): string {
  const body = line.endsWith("\r") ? line.slice(0, -1) : line;
  return body.slice(body.lastIndexOf("\r") + 1);
}

/** Colours, links and titles that a program printed for a terminal; everything else stays and becomes visible. */
function withoutColours(text: string): string {
  return text.includes("\x1b") ? text.replace(SEQUENCE, "") : text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this finds
const SEQUENCE = /\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\))/g;
