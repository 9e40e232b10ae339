import { type CollabAgentState, type Cost, groupedDigits, NO_USAGE, visibleLine } from "@quire/protocol";
import type { TurnEvidence, WireThread } from "@quire/protocol/app-server";
import { describeReport, type TestCounts } from "@quire/test-report/describe";
import type { Style } from "../terminal/style.ts";
import type { RunEnd } from "./run-to-end.ts";

const MAX_COMMANDS = 12;
const MAX_AGENTS = 20;

/** The closing lines of a run: what really happened, what it cost, where it is kept. Ends with a line break. */
export function summaryText(ended: RunEnd, thread: Pick<WireThread, "id" | "path">, style: Style): string {
  const { evidence } = ended.turn;
  const lines = [...(evidence === undefined ? [] : evidenceLines(evidence, style)), tokensLine(ended, style)];
  lines.push(...ended.agents.slice(-MAX_AGENTS).map((agent) => agentLine(agent, style)));
  const expected = expectedLine(ended, style);
  if (expected !== null) lines.push(expected);
  if (thread.path !== null) {
    lines.push(`${style.dim("log    ")} ${thread.path}`);
    lines.push(`${style.dim("resume ")} quire exec resume ${thread.id} "…"`);
  } else lines.push(style.dim("log     none (ephemeral run)"));
  return `${lines.join("\n")}\n`;
}

function evidenceLines({ commands, commandsLeftOut = 0, files }: TurnEvidence, style: Style): string[] {
  const lines: string[] = [];
  for (const file of files) {
    lines.push(
      `${style.dim("changed")} ${file.kind} ${visibleLine(file.path)} ${style.green(`+${file.added}`)} ${style.red(`-${file.removed}`)}`,
    );
  }
  const shown = commands.slice(-MAX_COMMANDS);
  const earlier = commandsLeftOut + commands.length - shown.length;
  if (earlier > 0) lines.push(style.dim(`ran     … ${earlier} earlier commands`));
  for (const command of shown) {
    const [first = "", ...rest] = command.command.split("\n");
    const text = visibleLine(first).slice(0, 100) + (rest.length > 0 ? " …" : "");
    const exit =
      command.exitCode === 0 ? style.green("exit 0") : style.red(`exit ${command.exitCode ?? "none"}`);
    const when =
      files.length === 0 ? "" : command.afterLastEdit ? " (after the last edit)" : " (before the last edit)";
    const tests = command.tests ? `, ${testsText(command.tests, style)}` : "";
    lines.push(`${style.dim("ran    ")} ${text} → ${exit}${tests}${style.dim(when)}`);
  }
  return lines;
}

function testsText(tests: TestCounts, style: Style): string {
  return tests.failed > 0 ? style.red(describeReport(tests)) : describeReport(tests);
}

function tokensLine({ turn, totals }: RunEnd, style: Style): string {
  const { usage = NO_USAGE, cost = null } = turn;
  const cached = usage.cached_input_tokens > 0 ? ` (${count(usage.cached_input_tokens)} cached)` : "";
  const all = totals.usage ?? usage;
  const total = all.input_tokens + all.output_tokens;
  const turnTotal = usage.input_tokens + usage.output_tokens;
  const thread = total === turnTotal ? "" : `; thread ${count(total)}, ${costText(totals.cost)}`;
  return `${style.dim("tokens ")} ${count(usage.input_tokens)} in${cached}, ${count(usage.output_tokens)} out, ${costText(cost)}${thread}`;
}

/** What is on the bill above for one agent. */
function agentLine(
  { path = "?", role = "", status, usage = NO_USAGE, cost }: CollabAgentState,
  style: Style,
): string {
  const used = usage.input_tokens + usage.output_tokens;
  return `${style.dim("  of it")} ${visibleLine(path)} (${visibleLine(role)}, ${status}) ${count(used)}, ${costText(cost ?? null)}`;
}

/** What was expected before the requests were sent, where there is a bill to compare it with: one that is theirs alone. */
function expectedLine({ turn, agents }: RunEnd, style: Style): string | null {
  const { expected, usage = NO_USAGE } = turn;
  if (expected === undefined || usage.input_tokens === 0 || agents.length > 0) return null;
  const off = Math.round((usage.input_tokens / Math.max(1, expected.input) - 1) * 100);
  const cached = expected.cached > 0 ? ` (${count(expected.cached)} cached)` : "";
  const money = expected.usd === null ? "" : `, $${expected.usd.toFixed(4)}`;
  const difference = off === 0 ? "which was right" : `it was ${Math.abs(off)} % ${off > 0 ? "more" : "less"}`;
  return style.dim(`expected ${count(expected.input)} in${cached}${money} before sending; ${difference}`);
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
