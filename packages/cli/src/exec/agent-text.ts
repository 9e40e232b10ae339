import { type CollabAgentState, groupedDigits, visibleLine } from "@quire/protocol";
import type { WireItem } from "@quire/protocol/app-server";
import type { Style } from "../terminal/style.ts";

const SHOWN = 160;
const VERBS: Readonly<Record<string, string>> = {
  sendInput: "told",
  sendMessage: "told",
  followupTask: "gave another task to",
  interruptAgent: "interrupted",
  closeAgent: "ended",
  resumeAgent: "took up",
};

/** A call about agents, as one line; what they do is told by their activity. */
export function agentCallText(
  item: Extract<WireItem, { type: "collabAgentToolCall" }>,
  style: Style,
): string {
  if (item.error) {
    return style.red(`✗ agents: ${visibleLine(item.error.message)} [${item.error.code}]`);
  }
  const states = Object.values(item.agentsStates).flatMap((state) => (state === undefined ? [] : [state]));
  const names = states.map(({ path }) => visibleLine(path ?? "?")).join(", ");
  const words = item.prompt === null ? "" : `: ${cut(item.prompt)}`;
  switch (item.tool) {
    case "spawnAgent":
      return `${style.bold("⑂")} agent ${names} (${visibleLine(states[0]?.role ?? "default")})${words}`;
    case "wait":
      return style.dim(names === "" ? "⑂ waited for agents" : `⑂ heard from ${names}`);
    case "listAgents":
      return style.dim("⑂ looked at its agents");
    default:
      return style.dim(`⑂ ${VERBS[item.tool] ?? item.tool} ${names}${words}`);
  }
}

/** How an agent began or ended. */
export function agentActivityText(
  item: Extract<WireItem, { type: "subAgentActivity" }>,
  style: Style,
): string {
  const name = visibleLine(item.agentPath);
  if (item.kind === "started") {
    return style.dim(`⑂ ${name} began${item.model === null ? "" : ` with ${visibleLine(item.model)}`}`);
  }
  const { state, told } = item;
  if (told !== undefined) return style.dim(`⑂ ${name} told ${visibleLine(told.to)}: ${cut(told.message)}`);
  const said = state?.message ? `: ${cut(state.message)}` : "";
  const code = state?.error ? ` [${state.error.code}]` : "";
  const line = `⑂ ${name} ${item.kind}${said}${code}${state === undefined ? "" : usedText(state)}`;
  return state?.status === "errored" ? style.red(line) : style.dim(line);
}

function usedText({ usage, cost }: CollabAgentState): string {
  if (usage === undefined) return "";
  const money = cost?.kind === "known" ? `, $${cost.usd.toFixed(4)}` : "";
  return ` (${groupedDigits(usage.input_tokens + usage.output_tokens)} tokens${money})`;
}

function cut(text: string): string {
  const line = visibleLine(text.trim().split("\n")[0] ?? "");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
