import { visibleLine } from "@quire/protocol";
import type { Style } from "../terminal/style.ts";

const MAX_LINES = 60;

/** The lines of a unified diff, coloured and cut to a screenful; the file headers are left out. */
export function diffLines(diff: string, style: Style): string[] {
  const lines = diff.split("\n").filter((line) => !/^(diff --git|index |--- |\+\+\+ )/.test(line));
  while (lines.at(-1) === "") lines.pop();
  const shown = lines.slice(0, MAX_LINES).map((line) => paint(visibleLine(line), style));
  if (lines.length > MAX_LINES) shown.push(style.dim(`… ${lines.length - MAX_LINES} more lines`));
  return shown;
}

function paint(line: string, style: Style): string {
  if (line.startsWith("+")) return style.green(line);
  if (line.startsWith("-")) return style.red(line);
  return line.startsWith("@@") ? style.cyan(line) : line;
}
