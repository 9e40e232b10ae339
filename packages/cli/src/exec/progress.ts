import {
  type ContextCompactionItem,
  groupedDigits,
  type RateLimit,
  type RuleCheckItem,
  readWebAction,
  tightLimits,
  usedShare,
  visibleLine,
  visibleText,
} from "@quire/protocol";
import type { ServerNotification, WireItem } from "@quire/protocol/app-server";
import type { System } from "../system.ts";
import type { Style } from "../terminal/style.ts";
import { agentActivityText, agentCallText } from "./agent-text.ts";
import { diffLines } from "./diff-lines.ts";
import type { PlanSteps } from "./exec-item.ts";
import { errorOfTurn } from "./wire-turn.ts";

const TAIL_LINES = 8;
const TICK_MS = 1000;
const PLAIN_TICK_MS = 10_000;

/** Tells a person on stderr what is going on. Everything that is not ours is made visible before it is shown. */
export interface Progress {
  show(event: ServerNotification): void;
  close(): void;
}

/**
 * Finished things are printed once and stay. On a terminal one last line counts the seconds of whatever is running;
 * elsewhere such a line is printed every ten seconds.
 */
export function createProgress(
  system: Pick<System, "stderr" | "monotonicMs" | "now">,
  style: Style,
): Progress {
  const live = Boolean(system.stderr.isTTY) && style.enabled;
  const running = new Map<string, { label: string; since: number }>();
  let heldMessage: string | null = null;
  let statusShown = false;
  const timer = setInterval(tick, live ? TICK_MS : PLAIN_TICK_MS);
  timer.unref();

  function tick(): void {
    const [first] = running.values();
    if (!first) return;
    const seconds = Math.round((system.monotonicMs() - first.since) / 1000);
    if (seconds < 1) return;
    const more = running.size > 1 ? ` and ${running.size - 1} more` : "";
    const text = `${first.label}${more} (${seconds} s)`;
    if (!live) {
      system.stderr.write(`  … ${text}\n`);
      return;
    }
    system.stderr.write(`\r\u001b[K${style.dim(`⏳ ${text.slice(0, (system.stderr.columns || 80) - 4)}`)}`);
    statusShown = true;
  }

  function print(text: string): void {
    if (statusShown) system.stderr.write("\r\u001b[K");
    statusShown = false;
    system.stderr.write(`${text}\n`);
  }

  /** The last message is the answer and goes to stdout; so a message is only shown here once another thing follows it. */
  function releaseMessage(): void {
    if (heldMessage !== null) print(`${style.cyan("•")} ${visibleText(heldMessage)}`);
    heldMessage = null;
  }

  function showItem(item: WireItem): void {
    running.delete(item.id);
    // What a review found is said in words by the message behind it.
    if (item.type === "userMessage" || item.type === "exitedReviewMode") return;
    releaseMessage();
    if (item.type === "agentMessage") heldMessage = item.text;
    else print(itemText(item, style));
  }

  let saidAdvice: string | null = null;
  let goalStatus: string | null = null;
  let saidOfLimits: string | null = null;

  return {
    show(event) {
      switch (event.method) {
        case "turn/started":
          running.set("model", { label: "waiting for the model", since: system.monotonicMs() });
          return;
        case "turn/completed":
          running.clear();
          return;
        case "item/started": {
          running.set(event.params.item.id, {
            label: labelOf(event.params.item),
            since: system.monotonicMs(),
          });
          running.delete("model");
          return;
        }
        case "item/completed":
          showItem(event.params.item);
          if (running.size === 0)
            running.set("model", { label: "waiting for the model", since: system.monotonicMs() });
          return;
        case "error": {
          const { willRetry, attempt, maxAttempts, delayMs } = event.params;
          const error = errorOfTurn(event.params);
          // A failure that ends the turn is told with its end.
          if (!willRetry || error === null) return;
          const wait = delayMs === undefined ? "" : ` in ${(delayMs / 1000).toFixed(1)} s`;
          print(
            style.yellow(
              `↻ ${visibleLine(error.message)} [${error.code}]; trying again${wait} (${attempt}/${maxAttempts})`,
            ),
          );
          // A machine that is offline does not come online by waiting alone: what to do is said at once, and once.
          const { next_step: advice } = error;
          if (error.code === "model_unreachable" && advice !== undefined && advice !== saidAdvice) {
            saidAdvice = advice;
            print(style.yellow(`  ${visibleLine(advice)}`));
          }
          return;
        }
        case "thread/goal/updated": {
          const { status, tokensUsed, tokenBudget } = event.params.goal;
          if (status === goalStatus) return;
          goalStatus = status;
          const of = tokenBudget === null ? "" : ` of ${groupedDigits(tokenBudget)}`;
          print(style.cyan(`◎ goal ${status}, ${groupedDigits(tokensUsed)}${of} tokens used`));
          return;
        }
        case "thread/rateLimits/updated": {
          const words = tightText(event.params.limits, system.now());
          if (words !== null && words !== saidOfLimits) print(style.yellow(words));
          saidOfLimits = words;
          return;
        }
        case "turn/stalled":
          print(style.yellow(`… the model has been silent for ${Math.round(event.params.idleMs / 1000)} s`));
          return;
        default:
      }
    },
    close() {
      clearInterval(timer);
      if (statusShown) system.stderr.write("\r\u001b[K");
      statusShown = false;
    },
  };
}

function labelOf(item: WireItem): string {
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

type Hidden = "userMessage" | "agentMessage" | "exitedReviewMode";

function itemText(item: Exclude<WireItem, { type: Hidden }>, style: Style): string {
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

/** The tightest of the endpoint's limits in tenths, so that it is not said anew with every request. */
function tightText(limits: readonly RateLimit[], now: number): string | null {
  const [tightest] = tightLimits(limits);
  if (tightest === undefined) return null;
  const share = Math.floor((usedShare(tightest) ?? 0) / 10) * 10;
  const wait = tightest.resetAt === null ? "" : `, full again in ${waitText(tightest.resetAt * 1000 - now)}`;
  return `! ${visibleLine(tightest.name)}: ${share} % of the endpoint's limit are used${wait} [rate_limit_near]`;
}

function waitText(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 1
    ? "less than a minute"
    : minutes < 120
      ? `${minutes} min`
      : `${Math.round(minutes / 60)} h`;
}
