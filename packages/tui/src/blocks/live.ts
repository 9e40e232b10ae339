import { liveTail } from "../markdown/live-tail.ts";
import type { LiveItem, ThreadState } from "../state/thread-state.ts";
import { durationText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import { BLANK, type Span, type StyledLine } from "../text/styled-line.ts";
import { cellWidth } from "../text/width.ts";
import { cutLine, wrapLine } from "../text/wrap.ts";
import { agentTree, hasBusyAgents } from "./agents.ts";
import type { BlockView } from "./block-view.ts";
import { runningCommand } from "./command.ts";
import { fileChangeBlock } from "./file-change.ts";
import { answerBlock, reasoningTitle } from "./message.ts";
import { proposalBlock } from "./plan.ts";
import { mcpBlock, toolBlock } from "./tool-call.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 100;
/** Silence below this is not worth a word. */
const LONG_SILENCE_MS = 10_000;

/** Rows, each within the columns of the view: what runs now, and a line that says what goes on. At most `rows` of them. */
export function liveBlock(state: ThreadState, view: BlockView, now: number, rows: number): StyledLine[] {
  const status = statusLine(state, now, view.columns);
  const items = state.live.flatMap((live) => {
    const lines = liveItem(live, view, now);
    return lines.length === 0 ? [] : [...lines.flatMap((line) => rowsOf(line, view.columns)), BLANK];
  });
  const agents = hasBusyAgents(state.agents) ? agentTree(state.agents) : [];
  items.push(...agents.map((line) => cutLine(line, view.columns)), ...(agents.length > 0 ? [BLANK] : []));
  const room = Math.max(0, rows - (status === null ? 0 : 1));
  const shown = items.slice(Math.max(0, items.length - room));
  return status === null ? shown : [...shown, status];
}

/** Prose is wrapped; what a terminal would break by itself is cut here, where rows are counted. */
function rowsOf(line: StyledLine, columns: number): StyledLine[] {
  return line.verbatim || line.isSolid ? [cutLine(line, columns)] : wrapLine(line, columns);
}

function liveItem(live: LiveItem, view: BlockView, now: number): StyledLine[] {
  const { item, streamed, startedAtMs } = live;
  switch (item.type) {
    case "agentMessage":
      return streamed.trim() === "" ? [] : answerBlock(liveTail(streamed), live.place.fence, view);
    case "plan":
      return item.steps === undefined ? proposalBlock(liveTail(streamed), view) : [];
    case "commandExecution":
      return runningCommand(item, streamed, now - startedAtMs, view);
    case "fileChange":
      return fileChangeBlock(item, view).slice(0, 1);
    case "mcpToolCall":
      return [...mcpBlock(item, view), ...progressLines(streamed)];
    case "dynamicToolCall":
      return toolBlock(item, view);
    default:
      return [];
  }
}

/** What a server last said of its call. */
function progressLines(message: string): StyledLine[] {
  return message === "" ? [] : [{ spans: [{ text: `  ${safeLine(message)}`, ink: "muted" }] }];
}

/** What the agent does now, for how long, and how to stop it; null when nothing runs. */
function statusLine(state: ThreadState, now: number, columns: number): StyledLine | null {
  if (state.turn === null) return null;
  const elapsed = Math.max(0, now - state.turn.startedAtMs);
  const frame = FRAMES[Math.floor(now / FRAME_MS) % FRAMES.length] ?? "";
  const [words, ink] = activity(state);
  const time = ` · ${wholeSeconds(elapsed)}`;
  const rest = [`${time} · Esc to interrupt`, `${time} · Esc stops`, time].find(
    (text) => 2 + cellWidth(words) + cellWidth(text) <= columns,
  );
  const spans: Span[] = [
    { text: `${frame} `, ink },
    { text: words, ink },
    { text: rest ?? "", ink: "muted" },
  ];
  return cutLine({ spans }, columns);
}

/** A clock that runs shows no tenths. */
function wholeSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : durationText(seconds * 1000);
}

function activity(state: ThreadState): [string, "accent" | "warn"] {
  const { retry, silentMs } = state;
  if (retry !== null) {
    const attempt =
      retry.attempt === null
        ? ""
        : ` ${retry.attempt}${retry.maxAttempts === null ? "" : ` of ${retry.maxAttempts}`}`;
    const wait = retry.delayMs === null ? "" : ` in ${durationText(retry.delayMs)}`;
    return [`Trying again${attempt}${wait}`, "warn"];
  }
  if (silentMs !== null && silentMs >= LONG_SILENCE_MS) {
    return [`The endpoint has been silent for ${durationText(silentMs)}`, "warn"];
  }
  if (state.status.type === "active" && state.status.activeFlags.length > 0)
    return ["Waiting for you", "warn"];
  const reasoning = state.live.findLast(({ item }) => item.type === "reasoning");
  const title = reasoning === undefined ? "" : reasoningTitle(reasoning.streamed);
  if (title !== "") return [title, "accent"];
  const step = state.plan.find(({ status }) => status === "inProgress");
  return [step === undefined ? "Working" : safeLine(step.step), "accent"];
}
