import type { ModelRequest } from "@quire/models";
import { isToolCall, type MessageItem, messageText, type ResponseItem } from "@quire/protocol";
import { bytesOf } from "../compaction/bytes.ts";
import { isSummaryMessage } from "../compaction/summary-message.ts";
import { estimatePiece } from "../turn/estimate-tokens.ts";
import { contextKindOf } from "./session-context.ts";

/** One piece of a request. */
export interface ContextPiece {
  part:
    | "instructions"
    | "tool"
    | "surroundings"
    | "summary"
    | "user"
    | "agent"
    | "reasoning"
    | "call"
    | "answer";
  name: string;
  /** The file or the part of the program that it comes from. */
  source: string;
  why: string;
  bytes: number;
  /** Estimated. */
  tokens: number;
  /** What keeps it from growing. */
  bound: string;
  /**
   * `always`: the same bytes in every request while the settings are the same. `until_compaction`: once sent, it stays
   * where it is. `new`: not sent before, so no cache holds it yet.
   */
  cache: "always" | "until_compaction" | "new";
}

/** What the request alone does not say. */
export interface ContextFacts {
  /** Where the instructions come from. */
  instructionsSource: string;
  /** Where a tool comes from, by its name. */
  toolSource: (name: string) => string;
  /** The AGENTS.md files with their bytes in the text. */
  docs: readonly { path: string; bytes: number; cutBytes: number }[];
  /** The files of the memories that are shown. */
  memories?: readonly string[];
  /** Items of the input that were there before this request. */
  sentItems: number;
}

/** Takes a request apart into what it consists of, in the order in which it is sent. */
export function describeContext(
  request: Pick<ModelRequest, "instructions" | "tools" | "input">,
  facts: ContextFacts,
): ContextPiece[] {
  const calls = new Map(request.input.filter(isToolCall).map((call) => [call.call_id, call.name]));
  return [
    {
      part: "instructions",
      name: "instructions",
      source: facts.instructionsSource,
      why: "what the agent is and how it works",
      bytes: Buffer.byteLength(request.instructions),
      tokens: estimatePiece(request.instructions),
      bound: "fixed text",
      cache: "always",
    },
    ...request.tools.map(
      (tool): ContextPiece => ({
        part: "tool",
        name: tool.name,
        source: facts.toolSource(tool.name),
        why: "what the model can call",
        bytes: Buffer.byteLength(JSON.stringify(tool)),
        tokens: estimatePiece(tool),
        bound: "fixed text of the tool",
        cache: "always",
      }),
    ),
    ...request.input.map((item, index): ContextPiece => {
      const size = { bytes: bytesOf(item), tokens: estimatePiece(item) };
      const cache = index < facts.sentItems ? "until_compaction" : "new";
      return { ...describeItem(item, facts, calls), ...size, cache };
    }),
  ];
}

type Described = Pick<ContextPiece, "part" | "name" | "source" | "why" | "bound">;

function describeItem(
  item: ResponseItem,
  facts: ContextFacts,
  calls: ReadonlyMap<string, string>,
): Described {
  switch (item.type) {
    case "message":
      return describeMessage(item, facts);
    case "reasoning":
      return {
        part: "reasoning",
        name: "reasoning",
        source: "the model",
        why: "what the model thought, as the endpoint wants it back",
        bound: "leaves with a compaction",
      };
    case "function_call":
    case "custom_tool_call":
    case "web_search_call": {
      const name = item.type === "web_search_call" ? "web_search" : item.name;
      return {
        part: "call",
        name,
        source: "the model",
        why: "what it called",
        bound: "leaves with a compaction",
      };
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return {
        part: "answer",
        name: calls.get(item.call_id) ?? item.call_id,
        source: facts.toolSource(calls.get(item.call_id) ?? ""),
        why: "what the call brought",
        bound: "cut to the tool's own limit; leaves with a compaction",
      };
  }
}

function describeMessage(item: MessageItem, facts: ContextFacts): Described {
  const isSummary: boolean = isSummaryMessage(item);
  if (isSummary) {
    return {
      part: "summary",
      name: "context_summary",
      source: "the last compaction",
      why: "stands for what was left out",
      bound: "12,288 bytes of summary, 24,576 of facts, and the plan",
    };
  }
  const kind = contextKindOf(item);
  if (kind !== null) return describeSurroundings(kind, facts);
  const name = firstWords(messageText(item));
  if (item.role === "assistant") {
    return {
      part: "agent",
      name,
      source: "the model",
      why: "what it said",
      bound: "leaves with a compaction",
    };
  }
  const bound = "kept word for word; of the oldest what exceeds 65,536 bytes leaves with a compaction";
  return { part: "user", name, source: "the user", why: "what is asked", bound };
}

function describeSurroundings(
  kind: NonNullable<ReturnType<typeof contextKindOf>>,
  facts: ContextFacts,
): Described {
  const part = "surroundings" as const;
  switch (kind) {
    case "permissions":
      return {
        part,
        name: "permissions",
        source: "sandbox mode and approval policy",
        why: "what commands may do and who can be asked",
        bound: "a few lines",
      };
    case "developer":
      return {
        part,
        name: "developer_instructions",
        source: "developer_instructions in config.toml",
        why: "the user's own instructions",
        bound: "as long as it is",
      };
    case "mode":
      return {
        part,
        name: "collaboration_mode",
        source: "plan mode",
        why: "what may be done before a plan is approved",
        bound: "a few lines, and the client's instructions",
      };
    case "memories":
      return {
        part,
        name: "memories",
        source: facts.memories?.join(", ") || "memory files that have changed since",
        why: "what is remembered of earlier threads; quire memories list names them",
        bound: "4,096 bytes",
      };
    case "goal":
      return {
        part,
        name: "goal",
        source: "the goal of the thread",
        why: "what turns work towards",
        bound: "4,000 characters",
      };
    case "goalTurn":
      return {
        part,
        name: "goal_turn",
        source: "the goal of the thread",
        why: "how much of the goal's budget is used, as a turn begins",
        bound: "a few lines; leaves with a compaction",
      };
    case "docs": {
      const cut = (bytes: number) => (bytes > 0 ? `, ${bytes} left out` : "");
      const files = facts.docs.map(({ path, bytes, cutBytes }) => `${path} (${bytes} bytes${cut(cutBytes)})`);
      return {
        part,
        name: "AGENTS.md",
        source: files.join(", ") || "AGENTS.md files that have changed since",
        why: "the rules of the user and of the project",
        bound: "project_doc_max_bytes for the project, 32,768 bytes for the user's own",
      };
    }
    case "skills":
      return {
        part,
        name: "skills",
        source: "SKILL.md files; quire skills list names them",
        why: "what instructions there are for particular work",
        bound: "8,000 characters or 2 % of the window; descriptions are shortened first",
      };
    case "skill":
      return {
        part,
        name: "skill",
        source: "the SKILL.md that the user named",
        why: "the instructions of a skill that is used",
        bound: "65,536 bytes of each; leaves with a compaction",
      };
    case "environment":
      return {
        part,
        name: "environment_context",
        source: "this machine",
        why: "where the agent works and what day it is",
        bound: "a few lines",
      };
  }
}

function firstWords(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
