import type { ApprovalAnswer, ApprovalRequest, Approver } from "@quire/core";
import { hiddenCharacters, networkPlace, visibleText } from "@quire/protocol";
import type { AskingAgent, CommandApprovalDecision, CommandApprovalParams } from "@quire/protocol/app-server";
import { commandActions } from "../wire/command-actions.ts";
import { joinWords } from "../wire/shell-words.ts";
import type { Questions } from "./questions.ts";

const NOBODY = { decision: "decline", message: "Nobody answered the question." } as const;

/** Puts the engine's questions to the clients of a thread. `agent` is whose thread it is, if it is an agent's. */
export function askApproval(questions: Questions, now: () => number, agent: AskingAgent | null): Approver {
  return async (asked, { signal }) => {
    const request = agent === null ? asked : { ...asked, reason: `${agent.path} asks: ${asked.reason}` };
    const whose = agent === null ? {} : { agent };
    if (request.effect.kind === "write") {
      const answer = await questions.ask(
        "item/fileChange/requestApproval",
        { ...fileParams(request, now()), ...whose },
        { signal, nobody: NOBODY },
      );
      return withMessage(answer.decision, answer.message);
    }
    const askAbout = (params: CommandApprovalParams) =>
      questions.ask(
        "item/commandExecution/requestApproval",
        { ...params, ...whose },
        { signal, nobody: NOBODY },
      );
    const params = commandParams(request, now());
    const answer = await askAbout(params);
    const first = withMessage(decisionOf(answer.decision, request), answer.message);
    if (!request.hidesText || !isAcceptance(first)) return first;
    const second = await askAbout(confirmation(params, request, now()));
    if (second.decision === "accept") return first;
    return withMessage(second.decision === "cancel" ? "cancel" : "decline", second.message);
  };
}

function isAcceptance({ decision }: ApprovalAnswer): boolean {
  return decision === "accept" || decision === "acceptForSession" || decision === "acceptAndRemember";
}

/** The same question once more, with what the eye did not see. Only a plain yes counts. */
function confirmation(
  params: CommandApprovalParams,
  request: ApprovalRequest,
  startedAtMs: number,
): CommandApprovalParams {
  const found = hiddenCharacters(textOf(request.effect));
  const places = found
    .slice(0, 5)
    .map(({ character, name, line, column }) => `${character} (${name}) in line ${line}, column ${column}`);
  const more = found.length > places.length ? `, and ${found.length - places.length} more` : "";
  return {
    ...params,
    startedAtMs,
    approvalId: `${request.itemId}:hidden-characters`,
    reason: `This holds characters that hide or reorder what you read: ${places.join("; ")}${more}. Run it all the same?`,
    proposedExecpolicyAmendment: null,
    availableDecisions: ["accept", "decline", "cancel"],
    hiddenCharacters: found,
    confirmation: "second",
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
    ...(hidesText ? { escapedText: visibleText(textOf(effect)), confirmation: "first" } : {}),
    ...(effect.kind === "network" ? networkParams(effect, request) : {}),
  };
}

/** Codex's words for a question about a host; "always" saves one of the amendments for this workspace. */
function networkParams(
  { host, port, protocol }: Extract<ApprovalRequest["effect"], { kind: "network" }>,
  { itemId }: ApprovalRequest,
): Partial<CommandApprovalParams> {
  const place = networkPlace(host, port);
  const amendments = (["allow", "deny"] as const).map((action) => ({ host: place, action }));
  return {
    approvalId: `${itemId}:network:${place}`,
    networkApprovalContext: { host, protocol, port },
    proposedNetworkPolicyAmendments: amendments,
    availableDecisions: [
      "accept",
      "acceptForSession",
      ...amendments.map((amendment) => ({
        applyNetworkPolicyAmendment: { network_policy_amendment: amendment },
      })),
      "decline",
      "cancel",
    ],
  };
}

/** The text that a person reads when deciding. */
function textOf(effect: ApprovalRequest["effect"]): string {
  switch (effect.kind) {
    case "command":
      return effect.command;
    case "input":
      return `input to process ${effect.processId}`;
    case "mcp":
      return `${effect.server}/${effect.tool} ${effect.input}`;
    case "network":
      return `${effect.host}:${effect.port}`;
    default:
      return effect.paths.join(" ");
  }
}

function commandOf(effect: ApprovalRequest["effect"]) {
  if (effect.kind !== "command") return { command: textOf(effect), cwd: null, commandActions: null };
  return {
    command: joinWords(effect.argv),
    shellCommand: effect.command,
    cwd: effect.cwd,
    commandActions: commandActions(effect.command, effect.cwd),
  };
}

/** "Always" saves exactly what was shown; an answer that names something else counts for this once only. */
function decisionOf(decision: CommandApprovalDecision, request: ApprovalRequest): ApprovalAnswer["decision"] {
  if (typeof decision === "string") return decision;
  if ("applyNetworkPolicyAmendment" in decision) {
    const { host, action } = decision.applyNetworkPolicyAmendment.network_policy_amendment;
    const { effect } = request;
    const shown = effect.kind === "network" && networkPlace(effect.host, effect.port) === host;
    if (action === "deny") return shown ? "declineAndRemember" : "decline";
    return shown ? "acceptAndRemember" : "decline";
  }
  const wanted = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
  return JSON.stringify(wanted) === JSON.stringify(request.amendment) ? "acceptAndRemember" : "accept";
}

function withMessage(
  decision: ApprovalAnswer["decision"],
  message: string | null | undefined,
): ApprovalAnswer {
  return message === null || message === undefined ? { decision } : { decision, message };
}
