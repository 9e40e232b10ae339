import type { AgentAnswer } from "@quire/tools/agents";
import type { Agent } from "./agent.ts";
import { standingOf } from "./agent-report.ts";

export function answer(agents: readonly Agent[], said: Readonly<Record<string, unknown>>): AgentAnswer {
  return { ok: true, text: JSON.stringify(said), agents: agents.map(standingOf) };
}

export function refusal(
  message: string,
  code: "tool_bad_arguments" | "agent_limit" | "agent_not_found" = "tool_bad_arguments",
): AgentAnswer {
  return { ok: false, code, message, agents: [] };
}

export function unknownAgent(target: string, known: readonly { path: string }[]): AgentAnswer {
  const names = known.map(({ path }) => path).join(", ") || "none";
  return refusal(`there is no agent "${target.slice(0, 100)}". There are: ${names}.`, "agent_not_found");
}
