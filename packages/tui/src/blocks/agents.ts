import type { CollabAgentState } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import { costText, countText, tokensText } from "../text/amounts.ts";
import { safeLine } from "../text/safe-text.ts";
import type { Span, StyledLine } from "../text/styled-line.ts";
import type { BlockView } from "./block-view.ts";
import { detailLine, errorLines, headingLine, type Outcome } from "./heading.ts";
import { outputLines } from "./output-lines.ts";

type CallItem = Extract<WireItem, { type: "collabAgentToolCall" }>;
type ActivityItem = Extract<WireItem, { type: "subAgentActivity" }>;
type Told = NonNullable<ActivityItem["told"]>;
/** Agents by their threads, in the order in which they were first heard of. */
export type Agents = Readonly<Record<string, CollabAgentState>>;

const STANDS: Readonly<Record<CollabAgentState["status"], string>> = {
  pendingInit: "waits for a place",
  running: "works",
  interrupted: "interrupted",
  completed: "done",
  errored: "failed",
  shutdown: "over",
  notFound: "not there",
};
const OUTCOMES: Readonly<Record<CollabAgentState["status"], Outcome>> = {
  pendingInit: "running",
  running: "running",
  interrupted: "unknown",
  completed: "good",
  errored: "bad",
  shutdown: "plain",
  notFound: "bad",
};

/** A call about other agents: what it asks of them, and where they stand where it looks at them. */
export function agentCallBlock(item: CallItem, view: BlockView): StyledLine[] {
  const outcome: Outcome =
    item.status === "failed" ? "bad" : item.status === "inProgress" ? "running" : "plain";
  const states = Object.entries(item.agentsStates);
  const [[, only] = []] = states;
  const isOne = states.length === 1 && only !== undefined;
  const named = isOne ? agentName(only) : states.length > 0 ? countText(states.length, "agent") : "";
  const subject: Span[] = named === "" ? [] : [{ text: named, ink: "accent" }];
  return [
    headingLine(outcome, VERBS[item.tool] ?? safeLine(item.tool), subject, isOne ? roleFacts(only) : []),
    ...(item.prompt === null ? [] : outputLines(item.prompt.trim(), "first", view)),
    ...(isOne ? [] : agentTree(item.agentsStates)),
    ...errorLines(item.error),
  ];
}

/** A newer server may have another one. */
const VERBS: Readonly<Partial<Record<string, string>>> = {
  spawnAgent: "Started agent",
  sendInput: "Told agent",
  sendMessage: "Told agent",
  followupTask: "Another task for agent",
  resumeAgent: "Took up agent",
  wait: "Waited for",
  interruptAgent: "Interrupted agent",
  listAgents: "Looked at",
  closeAgent: "Ended agent",
};

/** How an agent came to its end, or what it told another one; its beginning is in the call that started it. */
export function agentActivityBlock(item: ActivityItem, view: BlockView): StyledLine[] {
  if (item.told !== undefined) return toldBlock(item.agentPath, item.told, view);
  if (item.kind === "started" || item.kind === "interacted") return [];
  const state = item.state ?? { status: item.kind, message: null, path: item.agentPath };
  return [
    headingLine(
      OUTCOMES[state.status],
      "Agent",
      [{ text: agentName({ ...state, path: state.path ?? item.agentPath }), ink: "accent" }],
      [STANDS[state.status], ...roleFacts(state), ...amounts(state)],
    ),
    ...outputLines((state.message ?? "").trim(), "first", view),
    ...errorLines(state.error),
  ];
}

function toldBlock(from: string, { to, message }: Told, view: BlockView): StyledLine[] {
  const name = (path: string): Span => ({ text: agentName({ path }), ink: "accent" });
  return [
    headingLine("plain", "Agent", [name(from), { text: " told " }, name(to)], []),
    ...outputLines(message.trim(), "first", view),
  ];
}

/** A row for each agent, below the one that started it: what it is called, its role, where it stands, its cost. */
export function agentTree(agents: Agents): StyledLine[] {
  const states = Object.values(agents).toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
  const least = Math.min(...states.map(depthOf));
  return states.map((state, at) => {
    const next = states[at + 1];
    const isLast = next === undefined || depthOf(next) < depthOf(state);
    const branch = `${"  ".repeat(depthOf(state) - least)}${isLast ? "└ " : "├ "}`;
    const facts = [...roleFacts(state), STANDS[state.status], ...amounts(state)].join(" · ");
    const isBad = OUTCOMES[state.status] === "bad";
    return detailLine([
      { text: branch, ink: "muted" },
      { text: agentName(state), ink: "accent" },
      { text: ` · ${facts}`, ink: isBad ? "bad" : "muted" },
    ]);
  });
}

/** Whether any of them has work or waits for a place. */
export function hasBusyAgents(agents: Agents): boolean {
  return Object.values(agents).some(({ status }) => status === "running" || status === "pendingInit");
}

function pathOf({ path }: Pick<CollabAgentState, "path">): string {
  return path ?? "";
}

function depthOf(state: CollabAgentState): number {
  return pathOf(state).split("/").length;
}

function agentName(state: Pick<CollabAgentState, "path">): string {
  return safeLine(pathOf(state).split("/").at(-1) || "agent");
}

function roleFacts({ role }: CollabAgentState): string[] {
  return role === undefined || role === "default" ? [] : [safeLine(role)];
}

function amounts({ usage, cost }: CollabAgentState): string[] {
  return [
    ...(usage === undefined ? [] : [`${tokensText(usage.input_tokens + usage.output_tokens)} tokens`]),
    ...(cost ? [costText(cost)] : []),
  ];
}
