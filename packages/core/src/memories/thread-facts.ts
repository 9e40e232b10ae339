import type { RolloutRecord } from "@quire/protocol";
import { readTurns } from "../rollout/recorded-turns.ts";

/** What memories of a thread may rest on. What files, tools, web pages and servers said is not part of it. */
export interface ThreadFacts {
  /** The user's messages, oldest first. */
  requests: string[];
  /** What the agent said at the end of each turn. */
  answers: string[];
  commands: { command: string; exitCode: number | null }[];
  /** Whether something from outside of the machine was in the context. */
  external: boolean;
}

const MOST_CHARACTERS = 2000;
const MOST_ENTRIES = 60;

/** Gathers the facts of a thread from its log. Bounded: of a long thread the last count. */
export function threadFacts(records: readonly RolloutRecord[]): ThreadFacts {
  const facts: ThreadFacts = { requests: [], answers: [], commands: [], external: false };
  for (const turn of readTurns(records)) {
    for (const item of turn.items) {
      if (item.type === "userMessage") {
        const words = item.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
        facts.requests.push(words.slice(0, MOST_CHARACTERS));
      }
      if (item.type === "commandExecution" && item.source === "agent") {
        facts.commands.push({ command: item.command.slice(0, 300), exitCode: item.exitCode });
      }
      const reachedHost = item.type === "networkAccess" && item.verdict === "allow";
      if (reachedHost || item.type === "mcpToolCall" || item.type === "webSearch") facts.external = true;
    }
    if (turn.finalText !== null) facts.answers.push(turn.finalText.slice(0, MOST_CHARACTERS));
  }
  return {
    requests: facts.requests.slice(-MOST_ENTRIES),
    answers: facts.answers.slice(-MOST_ENTRIES),
    commands: facts.commands.slice(-MOST_ENTRIES),
    external: facts.external,
  };
}
