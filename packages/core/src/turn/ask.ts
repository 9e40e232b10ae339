import { hidesText, networkPlace, type ThreadItem } from "@quire/protocol";
import type { Permit, ReadyCall, ToolResult } from "@quire/tools";
import type { ApprovalAnswer } from "../approvals/approver.ts";
import { askAllowed } from "../approvals/ask-allowed.ts";
import { CHANGE_FOLDER, changeSubject } from "../approvals/file-change.ts";
import type { Question } from "../approvals/judge.ts";
import { type ApprovalMemory, isConfined } from "../approvals/judge-rules.ts";
import { MCP_FOLDER, mcpSubject } from "../approvals/mcp-call.ts";
import type { TurnContext } from "./turn-context.ts";

export type AskOutcome = { granted: true } | { granted: false; message: string };

/** Puts a question to a person, keeps what the answer allows for later, and logs both. Nobody there means no. */
export async function ask(
  turn: TurnContext,
  item: Pick<ThreadItem, "id">,
  question: Question,
  signal: AbortSignal = turn.signal,
): Promise<AskOutcome> {
  const { approver, record } = turn.parts;
  if (!approver) {
    return {
      granted: false,
      message: `${question.reason} Nobody is there to approve it, so it was not run.`,
    };
  }
  const asked = withoutSecretAmendment(turn, question);
  const answer = await approver(
    { ...asked, threadId: record.threadId, turnId: turn.turnId, itemId: item.id },
    { signal },
  );
  const saved = remember(turn, asked, answer);
  record.itemCompleted(turn.turnId, {
    type: "approval",
    id: turn.parts.newId(),
    itemId: item.id,
    subject: subjectOf(question.effect),
    reason: question.reason,
    decidedBy: question.decidedBy,
    decision: answer.decision,
    savedPrefix: saved,
  });
  if (answer.decision === "cancel") turn.interrupt();
  if (isRefusal(answer.decision)) {
    const words = answer.message ? ` They say: ${answer.message}` : "";
    return { granted: false, message: `The user declined this. Do not try it again another way.${words}` };
  }
  return { granted: true };
}

function isRefusal(decision: ApprovalAnswer["decision"]): boolean {
  return decision === "decline" || decision === "declineAndRemember" || decision === "cancel";
}

/** A rule that is saved with a secret in it would keep the secret in a file. */
function withoutSecretAmendment(turn: TurnContext, question: Question): Question {
  const { amendment } = question;
  if (amendment === null || turn.parts.record.redact(amendment) === amendment) return question;
  return { ...question, amendment: null };
}

function remember(turn: TurnContext, question: Question, answer: ApprovalAnswer): string[] | null {
  const { memory } = turn.parts.policy;
  const { effect, amendment } = question;
  if (effect.kind === "mcp" && answer.decision === "acceptForSession") {
    memory.rememberForSession(mcpSubject(effect), MCP_FOLDER);
  }
  if (effect.kind === "network") {
    rememberHost(memory, networkPlace(effect.host, effect.port), answer.decision);
  }
  if (effect.kind === "write" && answer.decision === "acceptForSession") {
    for (const path of effect.paths) memory.rememberForSession(changeSubject(path), CHANGE_FOLDER);
  }
  if (effect.kind !== "command") return null;
  if (answer.decision === "acceptForSession") memory.rememberForSession(effect.command, effect.cwd);
  if (answer.decision !== "acceptAndRemember" || amendment === null) return null;
  memory.rememberPrefix(amendment);
  return [...amendment];
}

function rememberHost(memory: ApprovalMemory, place: string, decision: ApprovalAnswer["decision"]): void {
  if (decision === "acceptForSession") memory.rememberHostForSession(place);
  if (decision === "acceptAndRemember") memory.rememberHost(place, "allow");
  if (decision === "declineAndRemember") memory.rememberHost(place, "deny");
}

function subjectOf(effect: Question["effect"]): string {
  switch (effect.kind) {
    case "command":
      return effect.command;
    case "input":
      return `input to process ${effect.processId}`;
    case "mcp":
      return `${mcpSubject(effect)} ${effect.input}`;
    case "network":
      return `network access to ${effect.host}:${effect.port}`;
    default:
      return effect.paths.join(", ");
  }
}

/**
 * The sandbox said no to a command that was not asked about. Where asking is allowed this is one more question, once: to
 * run it again without the sandbox. Not after the network rules refused a host: about that there was a question, or there
 * is a rule.
 */
export function questionAfterDenial(
  turn: TurnContext,
  prepared: ReadyCall,
  permit: Permit,
  result: ToolResult,
  hostsRefused: boolean,
): Question | null {
  const { settings, parts, signal } = turn;
  const [effect] = prepared.effects;
  const denied = "error" in result.item && result.item.error?.code === "command_denied";
  if (hostsRefused || settings.planMode === true) return null;
  if (!denied || effect?.kind !== "command" || permit.sandbox === "unconfined" || signal.aborted) return null;
  if (!isConfined(settings.sandboxMode) || !parts.approver) return null;
  if (!askAllowed(settings.approvalPolicy, "escalation")) return null;
  const said = "error" in result.item ? (result.item.error?.message ?? "") : "";
  return {
    effect,
    reason: `The sandbox denied this: ${said} Run it again without the sandbox?`,
    decidedBy: "a denial by the sandbox",
    amendment: null,
    hidesText: hidesText(effect.command),
    permit: { sandbox: "unconfined" },
  };
}
