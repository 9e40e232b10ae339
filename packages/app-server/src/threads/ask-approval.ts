import type { ApprovalAnswer, ApprovalRequest, Approver } from "@quire/core";
import type { CommandApprovalDecision, CommandApprovalParams } from "@quire/protocol/app-server";
import { commandActions } from "../wire/command-actions.ts";
import { joinWords } from "../wire/shell-words.ts";
import type { Questions } from "./questions.ts";

const NOBODY = { decision: "decline", message: "Nobody answered the question." } as const;

/** Puts the engine's questions to the clients of a thread. */
export function askApproval(questions: Questions, now: () => number): Approver {
  return async (request, { signal }) => {
    if (request.effect.kind === "write") {
      const answer = await questions.ask("item/fileChange/requestApproval", fileParams(request, now()), {
        signal,
        nobody: NOBODY,
      });
      return withMessage(answer.decision, answer.message);
    }
    const params = commandParams(request, now());
    const answer = await questions.ask("item/commandExecution/requestApproval", params, {
      signal,
      nobody: NOBODY,
    });
    return withMessage(decisionOf(answer.decision, request), answer.message);
  };
}

function fileParams(request: ApprovalRequest, startedAtMs: number) {
  const { threadId, turnId, itemId, reason, effect } = request;
  const paths = effect.kind === "write" ? [...effect.paths] : [];
  return { threadId, turnId, itemId, startedAtMs, reason, grantRoot: null, paths };
}

function commandParams(request: ApprovalRequest, startedAtMs: number): CommandApprovalParams {
  const { threadId, turnId, itemId, reason, amendment, decidedBy, hidesText, effect } = request;
  const amendments: CommandApprovalDecision[] =
    amendment === null ? [] : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: [...amendment] } }];
  return {
    kind: "command",
    threadId,
    turnId,
    itemId,
    startedAtMs,
    environmentId: null,
    reason,
    ...commandOf(effect),
    proposedExecpolicyAmendment: amendment === null ? null : [...amendment],
    availableDecisions: ["accept", "acceptForSession", ...amendments, "decline", "cancel"],
    decidedBy,
    hidesText,
  };
}

function commandOf(effect: ApprovalRequest["effect"]) {
  switch (effect.kind) {
    case "command":
      return {
        command: joinWords(effect.argv),
        cwd: effect.cwd,
        commandActions: commandActions(effect.command, effect.cwd),
      };
    case "input":
      return { command: `input to process ${effect.processId}`, cwd: null, commandActions: null };
    case "mcp":
      return { command: `${effect.server}/${effect.tool} ${effect.input}`, cwd: null, commandActions: null };
    default:
      return { command: effect.paths.join(" "), cwd: null, commandActions: null };
  }
}

/** "Always" saves exactly what was shown; an answer that names other tokens is a yes for this once. */
function decisionOf(decision: CommandApprovalDecision, request: ApprovalRequest): ApprovalAnswer["decision"] {
  if (typeof decision === "string") return decision;
  const wanted = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
  return JSON.stringify(wanted) === JSON.stringify(request.amendment) ? "acceptAndRemember" : "accept";
}

function withMessage(
  decision: ApprovalAnswer["decision"],
  message: string | null | undefined,
): ApprovalAnswer {
  return message === null || message === undefined ? { decision } : { decision, message };
}
