import type { WireItem } from "@quire/protocol/app-server";
import { countText } from "../text/amounts.ts";
import { safeLine, safeLines } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import { type BlockView, shownPath } from "./block-view.ts";
import { detailLine, durationFacts, errorLines, headingLine, type Outcome } from "./heading.ts";

export type CommandItem = Extract<WireItem, { type: "commandExecution" }>;

const SHOWN_OUTPUT = 5;
const SHOWN_COMMAND = 3;
const GUTTER: Span = { text: "│ ", ink: "muted" };

/** A command that has ended: what it was, how it ended, how long it took, and the last lines of what it printed. */
export function commandBlock(item: CommandItem, view: BlockView): StyledLine[] {
  const output = outputLines(item.aggregatedOutput ?? "");
  const word = item.source === "userShell" ? "You ran" : "Ran";
  return [
    ...commandHeading(item, outcomeOf(item), word, view, factsOf(item)),
    ...outputTail(output, view.unfolded ? Number.POSITIVE_INFINITY : SHOWN_OUTPUT),
    ...errorLines(item.error),
  ];
}

/** A command that runs, with the last lines it has printed so far. */
export function runningCommand(
  item: CommandItem,
  streamed: string,
  elapsedMs: number,
  view: BlockView,
): StyledLine[] {
  const word = item.processId === null || elapsedMs < 10_000 ? "Running" : "Still running";
  return [
    ...commandHeading(item, "running", word, view, durationFacts(elapsedMs)),
    ...outputTail(outputLines(streamed), SHOWN_OUTPUT),
  ];
}

function commandHeading(
  item: CommandItem,
  outcome: Outcome,
  word: string,
  view: BlockView,
  facts: readonly string[],
): StyledLine[] {
  const [first = "", ...more] = safeLines((item.shellCommand ?? item.command).trim());
  const shown = view.unfolded ? more : more.slice(0, SHOWN_COMMAND - 1);
  const hidden = more.length - shown.length;
  const place = item.cwd === view.cwd ? [] : [`in ${safeLine(shownPath(item.cwd, view.cwd))}`];
  return [
    headingLine(outcome, word, [{ text: first, ink: "code" }], [...place, ...facts]),
    ...shown.map((line) => detailLine([{ text: line, ink: "code" }], { verbatim: true })),
    ...(hidden > 0 ? [detailLine([{ text: `… ${countText(hidden, "more line")}`, ink: "muted" }])] : []),
  ];
}

function factsOf(item: CommandItem): string[] {
  const code = item.exitCode === null || item.exitCode === 0 ? [] : [`exit ${item.exitCode}`];
  return [...code, ...durationFacts(item.durationMs)];
}

function outcomeOf(item: CommandItem): Outcome {
  if (item.error?.code === "outcome_unknown") return "unknown";
  switch (item.status) {
    case "completed":
      return "good";
    case "declined":
      return "declined";
    case "failed":
      return "bad";
    case "inProgress":
      return "running";
  }
}

function outputLines(output: string): string[] {
  const trimmed = output.replace(/\n+$/, "");
  return trimmed === "" ? [] : safeLines(trimmed);
}

/** The last lines, since they say how it ended. */
function outputTail(lines: readonly string[], most: number): StyledLine[] {
  const hidden = lines.length > most + 1 ? lines.length - most : 0;
  const shown = lines.slice(hidden);
  return [
    ...(hidden > 0
      ? [detailLine([GUTTER, { text: `… ${countText(hidden, "line")} above`, ink: "muted" }])]
      : []),
    ...shown.map((line) => detailLine([GUTTER, { text: line, ink: "muted" }], { verbatim: true })),
  ];
}
