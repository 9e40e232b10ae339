import type { Effect } from "@quire/tools";
import { isConfined, type JudgeRules } from "./judge-rules.ts";

export type McpEffect = Extract<Effect, { kind: "mcp" }>;

/** Stands for the folder of a call that has none; no command can run in it. */
export const MCP_FOLDER = "";

/** What is asked about, and what an answer for the session is remembered by: the tool, whatever its arguments. */
export function mcpSubject({ server, tool }: McpEffect): string {
  return `MCP tool ${server}/${tool}`;
}

/**
 * Why a call of a server's tool is asked about, or null where it may go ahead. The user configured the server, so where
 * nobody is to be asked its tools are allowed, except those that the user set to be asked about. What a server says of
 * its tools only ever makes a question unnecessary under the policies that ask. A tool that is no longer what was agreed
 * to is always asked about: whoever took a server over would use the trust in it.
 */
export function whyAskAboutMcp(effect: McpEffect, rules: JudgeRules): { reason: string; by: string } | null {
  const { approvalPolicy: policy, sandboxMode, memory } = rules;
  if (effect.changed !== undefined) {
    return {
      reason: `${mcpSubject(effect)} is not what it was when it was last agreed to:\n${effect.changed}\nThe command to agree to it beforehand: quire mcp approve ${effect.server}`,
      by: "a tool that has changed",
    };
  }
  if (effect.approval === "approve" || memory.allowsForSession(mcpSubject(effect), MCP_FOLDER)) return null;
  if (effect.approval === "prompt") {
    return { reason: `The configuration asks about ${mcpSubject(effect)}.`, by: "approval mode of the tool" };
  }
  if (effect.readOnly || policy === "never") return null;
  if (policy !== "untrusted" && !isConfined(sandboxMode)) return null;
  return {
    reason: `${mcpSubject(effect)} does not declare that it only reads, so it may change or send things.`,
    by: "tool without a read-only mark",
  };
}
