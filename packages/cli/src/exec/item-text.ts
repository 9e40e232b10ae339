import {
  type ContextCompactionItem,
  groupedDigits,
  type RuleCheckItem,
  readWebAction,
  visibleLine,
  visibleText,
} from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import type { Style } from "../terminal/style.ts";
import { agentActivityText, agentCallText } from "./agent-text.ts";
import { diffLines } from "./diff-lines.ts";
import type { PlanSteps } from "./exec-item.ts";

const TAIL_LINES = 8;

/** What is going on while the item runs. */
export function labelOf(item: WireItem): string {
  switch (item.type) {
    case "commandExecution":
      return `running ${firstLine(item.shellCommand || item.command)}`;
    case "mcpToolCall":
      return `waiting for ${visibleLine(item.server)}/${visibleLine(item.tool)}`;
    case "agentMessage":
      return "writing";
    case "reasoning":
      return "thinking";
    case "contextCompaction":
      return "compacting the context";
    case "collabAgentToolCall":
      return item.tool === "wait" ? "waiting for agents" : "speaking to agents";
    default:
      return item.type;
  }
}

/** Items that are not told as lines: shown elsewhere, or not at all. */
type Hidden = "userMessage" | "agentMessage" | "exitedReviewMode";

/** An item that is over, for a person; everything in it that is not ours is made visible. */
export function itemText(item: Exclude<WireItem, { type: Hidden }>, style: Style): string {
  switch (item.type) {
    case "reasoning":
      return style.dim(`∙ ${visibleText([...item.summary, ...item.content].join("\n"))}`);
    case "plan":
      return item.steps == null
        ? `${style.cyan("▤")} plan\n${visibleText(item.text)}`
        : planText(item.steps, style);
    case "commandExecution":
      return commandText(item, style);
    case "fileChange":
      return changeText(item, style);
    case "dynamicToolCall":
      return style.red(
        `✗ ${visibleLine(item.tool)}: ${visibleText(item.error?.message ?? item.status)}${codeOf(item.error)}`,
      );
    case "mcpToolCall":
      return mcpText(item, style);
    case "webSearch":
      return searchText(item, style);
    case "imageView":
      return item.error
        ? style.red(`✗ ${visibleLine(item.path)}: ${visibleText(item.error.message)}${codeOf(item.error)}`)
        : `▣ ${visibleLine(item.path)}`;
    case "approval":
      return `? ${visibleLine(item.subject)}: ${item.decision}${item.savedPrefix ? ` (saved: ${visibleLine(item.savedPrefix.join(" "))})` : ""}`;
    case "enteredReviewMode":
      return style.dim(`reviewing ${visibleLine(item.review)}`);
    case "contextCompaction":
      return compactionText(item, style);
    case "networkAccess":
      return networkText(item, style);
    case "ruleCheck":
      return ruleCheckText(item, style);
    case "collabAgentToolCall":
      return agentCallText(item, style);
    case "subAgentActivity":
      return agentActivityText(item, style);
    case "warning":
      return style.yellow(`! ${visibleText(item.message)} [${item.code}]`);
  }
}

function ruleCheckText(
  { outcome, handedBack, checks }: Pick<RuleCheckItem, "outcome" | "handedBack" | "checks">,
  style: Style,
): string {
  if (outcome === "passed")
    return style.dim(`✓ ${checks.length} ${checks.length === 1 ? "rule" : "rules"} of AGENTS.md kept`);
  const open = checks.filter((check) => check.outcome !== "passed");
  const lines = open.map((check) => {
    const words = `${check.outcome === "failed" ? "✗" : "?"} rule ${check.outcome === "failed" ? "not kept" : "not checked"}: ${visibleLine(check.text)} (${visibleLine(check.file)}:${check.line}): ${visibleLine(check.evidence)}`;
    return check.outcome === "failed" ? style.red(words) : style.yellow(words);
  });
  return [...lines, ...(handedBack ? [style.dim("  the model was told")] : [])].join("\n");
}

const TRIGGERS: Readonly<Record<ContextCompactionItem["trigger"], string>> = {
  auto: "the limit was near",
  manual: "as you asked",
  contextTooLong: "the endpoint refused the request for its length",
  edit: "you changed the summary",
};

function compactionText(
  item: Omit<ContextCompactionItem, "startedAtMs" | "completedAtMs">,
  style: Style,
): string {
  const before = groupedDigits(item.tokensBefore);
  const problem = item.error ? ` ${visibleLine(item.error.message)} [${item.error.code}]` : "";
  if (item.tokensAfter === null) return style.red(`✗ the context was not compacted:${problem}`);
  const left = item.leftOut.length > 0 ? `; left out: ${visibleLine(item.leftOut.join(", "))}` : "";
  const head = `⊟ context compacted, ${TRIGGERS[item.trigger]}: about ${before} tokens are now ${groupedDigits(item.tokensAfter)}, summed up by ${visibleLine(item.compactor)}${left}`;
  return [
    style.yellow(head),
    ...(item.error ? [style.yellow(`  the model could not write the summary:${problem}`)] : []),
    style.dim("  read or change the summary: quire context summary"),
  ].join("\n");
}

function networkText(item: Extract<WireItem, { type: "networkAccess" }>, style: Style): string {
  const { verdict, rule, ports, count } = item;
  const place = `${visibleLine(item.host)}${ports.length === 0 ? "" : `:${ports.join(",")}`}`;
  const times = count === 1 ? "" : ` ×${count}`;
  return verdict === "allow"
    ? style.dim(`⇄ network: ${place} allowed (${visibleLine(rule)})${times}`)
    : style.yellow(`! network: ${place} refused (${visibleLine(rule)})${times}`);
}

function searchText(item: Extract<WireItem, { type: "webSearch" }>, style: Style): string {
  const { error } = readWebAction(item.action);
  if (error === null) return `⌕ ${visibleLine(item.query)}`;
  return style.red(`✗ ${visibleLine(item.query)}: ${visibleText(error.message)}${codeOf(error)}`);
}

function codeOf(error: { code: string } | null | undefined): string {
  return error ? ` [${error.code}]` : "";
}

function planText(steps: PlanSteps, style: Style): string {
  const marks = { completed: style.green("✔"), inProgress: style.cyan("▸"), pending: "○" };
  return [
    style.bold("plan"),
    ...steps.map((step) => `  ${marks[step.status]} ${visibleLine(step.step)}`),
  ].join("\n");
}

function commandText(item: Extract<WireItem, { type: "commandExecution" }>, style: Style): string {
  const output = (item.aggregatedOutput ?? "").trimEnd();
  const lines = output === "" ? [] : output.split("\n");
  const tail = lines.slice(-TAIL_LINES);
  const hidden = lines.length - tail.length;
  const took = item.durationMs === null ? "" : ` in ${(item.durationMs / 1000).toFixed(1)} s`;
  const ok = item.exitCode === 0;
  const ending = item.error
    ? style.red(`✗ ${visibleText(item.error.message)} [${item.error.code}]`)
    : item.processId !== null && item.exitCode === null
      ? `continues in the background as ${item.processId}`
      : (ok ? style.green : style.red)(`exit ${item.exitCode ?? item.status}${took}`);
  const mark = item.source === "unifiedExecInteraction" ? "↳" : "$";
  return [
    `${style.bold(mark)} ${firstLine(item.shellCommand || item.command)}`,
    ...(hidden > 0 ? [style.dim(`  … ${hidden} more above`)] : []),
    ...tail.map((line) => style.dim(`  ${visibleLine(line).slice(0, 200)}`)),
    `  ${ending}`,
  ].join("\n");
}

function mcpText(item: Extract<WireItem, { type: "mcpToolCall" }>, style: Style): string {
  const took = item.durationMs === null ? "" : ` in ${(item.durationMs / 1000).toFixed(1)} s`;
  const head = `${style.bold("⚒")} ${visibleLine(item.server)}/${visibleLine(item.tool)} ${visibleLine(JSON.stringify(item.arguments) ?? "").slice(0, 160)}`;
  const said = (item.result?.content ?? []).flatMap((part) =>
    typeof part.text === "string" ? part.text.trimEnd().split("\n") : [`[${part.type}]`],
  );
  const hidden = said.length - Math.min(said.length, TAIL_LINES);
  const ending = item.error
    ? style.red(`✗ ${visibleText(item.error.message)} [${item.error.code}]`)
    : (item.status === "completed" ? style.green : style.red)(`${item.status}${took}`);
  return [
    head,
    ...said.slice(0, TAIL_LINES).map((line) => style.dim(`  ${visibleLine(line).slice(0, 200)}`)),
    ...(hidden > 0 ? [style.dim(`  … ${hidden} more below`)] : []),
    `  ${ending}`,
  ].join("\n");
}

/** Long here-documents would bury the timeline; the log has the whole command. */
function firstLine(command: string): string {
  const [line = "", ...rest] = command.split("\n");
  const shown = visibleLine(line);
  const cut = shown.length > 160 ? `${shown.slice(0, 160)}…` : shown;
  return rest.length > 0 ? `${cut} … (${rest.length} more lines)` : cut;
}

function changeText(item: Extract<WireItem, { type: "fileChange" }>, style: Style): string {
  if (item.error) return style.red(`✗ patch: ${visibleText(item.error.message)} [${item.error.code}]`);
  return item.changes.map((change) => oneChange(change, item.status, style)).join("\n");
}

type FileChange = Extract<WireItem, { type: "fileChange" }>["changes"][number];

function oneChange(change: FileChange, status: string, style: Style): string {
  const counts = `${style.green(`+${change.added ?? 0}`)} ${style.red(`-${change.removed ?? 0}`)}`;
  const note = status === "completed" ? "" : ` (${status})`;
  const head = `${style.bold("±")} ${change.kind.type} ${visibleLine(change.path)} ${counts}${note}`;
  return [head, ...diffLines(change.diff, style).map((line) => `  ${line}`)].join("\n");
}
