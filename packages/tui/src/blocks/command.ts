import type { WireItem } from "@quire/protocol/app-server";
import { countText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { StyledLine } from "../text/styled-line.ts";
import { type BlockView, shownPath } from "./block-view.ts";
import { detailLine, durationFacts, errorLines, headingLine, type Outcome } from "./heading.ts";
import { outputLines, shortened } from "./output-lines.ts";

export type CommandItem = Extract<WireItem, { type: "commandExecution" }>;

const SHOWN_COMMAND = 3;

/** A command that has ended: what it was, how it ended, how long it took, and the last lines of what it printed. */
export function commandBlock(item: CommandItem, view: BlockView): StyledLine[] {
  const ran = item.source === "userShell" ? "You ran" : "Ran";
  const word = item.status === "declined" ? "Not run:" : ran;
  return [
    ...commandHeading(item, outcomeOf(item), word, view, factsOf(item)),
    ...outputLines(item.aggregatedOutput ?? "", "last", view),
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
    ...outputLines(streamed, "last", view),
  ];
}

function commandHeading(
  item: CommandItem,
  outcome: Outcome,
  word: string,
  view: BlockView,
  facts: readonly string[],
): StyledLine[] {
  const [first = "", ...more] = (item.shellCommand ?? item.command).trim().split("\n");
  const shown = view.unfolded ? more : more.slice(0, SHOWN_COMMAND - 1);
  const hidden = more.length - shown.length;
  const safe = (line: string) => (view.unfolded ? safeLine(line) : shortened(line, view.columns));
  const place = item.cwd === view.cwd ? [] : [`in ${safeLine(shownPath(item.cwd, view.cwd))}`];
  return [
    headingLine(outcome, word, [{ text: safe(first), ink: "code" }], [...place, ...facts]),
    ...shown.map((line) => detailLine([{ text: safe(line), ink: "code" }], { isSolid: true })),
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
