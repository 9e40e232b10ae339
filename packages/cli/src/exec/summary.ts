import { collectEvidence } from "@quire/core";
import {
  type Cost,
  groupedDigits,
  type ThreadItem,
  type TokenUsage,
  type Turn,
  visibleLine,
} from "@quire/protocol";
import type { Style } from "../terminal/style.ts";

const MAX_COMMANDS = 12;

export interface RunSummary {
  turn: Turn;
  items: readonly ThreadItem[];
  threadId: string;
  rolloutPath: string | null;
  threadUsage: TokenUsage;
  threadCost: Cost | null;
}

/** The closing lines of a run: what really happened, what it cost, where it is kept. Ends with a line break. */
export function summaryText(summary: RunSummary, style: Style): string {
  const lines = [...evidenceLines(summary.items, style), tokensLine(summary, style)];
  if (summary.rolloutPath !== null) {
    lines.push(`${style.dim("log    ")} ${summary.rolloutPath}`);
    lines.push(`${style.dim("resume ")} quire exec resume ${summary.threadId} "…"`);
  } else lines.push(style.dim("log     none (ephemeral run)"));
  return `${lines.join("\n")}\n`;
}

function evidenceLines(items: readonly ThreadItem[], style: Style): string[] {
  const { commands, files } = collectEvidence(items);
  const lines: string[] = [];
  for (const file of files) {
    lines.push(
      `${style.dim("changed")} ${file.kind} ${visibleLine(file.path)} ${style.green(`+${file.added}`)} ${style.red(`-${file.removed}`)}`,
    );
  }
  const shown = commands.slice(-MAX_COMMANDS);
  if (commands.length > shown.length)
    lines.push(style.dim(`ran     … ${commands.length - shown.length} earlier commands`));
  for (const command of shown) {
    const [first = "", ...rest] = command.command.split("\n");
    const text = visibleLine(first).slice(0, 100) + (rest.length > 0 ? " …" : "");
    const exit =
      command.exitCode === 0 ? style.green("exit 0") : style.red(`exit ${command.exitCode ?? "none"}`);
    const when =
      files.length === 0 ? "" : command.afterLastEdit ? " (after the last edit)" : " (before the last edit)";
    lines.push(`${style.dim("ran    ")} ${text} → ${exit}${style.dim(when)}`);
  }
  return lines;
}

function tokensLine(summary: RunSummary, style: Style): string {
  const { usage } = summary.turn;
  const cached = usage.cached_input_tokens > 0 ? ` (${count(usage.cached_input_tokens)} cached)` : "";
  const total = summary.threadUsage.input_tokens + summary.threadUsage.output_tokens;
  const turnTotal = usage.input_tokens + usage.output_tokens;
  const thread = total === turnTotal ? "" : `; thread ${count(total)}, ${costText(summary.threadCost)}`;
  return `${style.dim("tokens ")} ${count(usage.input_tokens)} in${cached}, ${count(usage.output_tokens)} out, ${costText(summary.turn.cost)}${thread}`;
}

function count(tokens: number): string {
  return groupedDigits(tokens);
}

export function costText(cost: Cost | null): string {
  if (cost === null) return "no cost";
  if (cost.kind === "unknown") return `cost unknown (${cost.reason})`;
  return cost.usd === 0
    ? "$0"
    : `$${cost.usd.toFixed(cost.usd < 0.01 ? 5 : 4)} (prices of ${cost.priced_as_of})`;
}
