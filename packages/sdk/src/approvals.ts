import type {
  CommandApprovalDecision,
  CommandApprovalParams,
  ServerParams,
} from "@quire/protocol/app-server";

/** What the agent asks permission for. */
export type Approval =
  | {
      kind: "command";
      threadId: string;
      turnId: string;
      itemId: string;
      command: string;
      cwd: string | null;
      /** Why it asks, in a sentence. */
      reason: string;
      /** The exact tokens that `always` would allow from now on; null when `always` means just this once. */
      alwaysAllows: readonly string[] | null;
      /** The text holds characters that hide or reorder what is read. */
      hidesText: boolean;
      /** Asked a second time about such a text, with `reason` naming what is hidden: only `accept` counts. */
      isConfirmation: boolean;
      /** Set when it is about a host that no network rule names; `always` then saves a rule for the host. */
      network: { host: string; port: number | null } | null;
      agent: AskingAgent | null;
    }
  | {
      kind: "fileChange";
      threadId: string;
      turnId: string;
      itemId: string;
      paths: readonly string[];
      reason: string;
      agent: AskingAgent | null;
    };

/** An agent of the thread that asks, where it is not the thread itself; `threadId` is the agent's then. */
export interface AskingAgent {
  /** Such as `/root/map_the_tests`. */
  path: string;
  role: string;
}

/** `always` is remembered in this workspace; `cancel` ends the turn as well. */
export type ApprovalDecision = "accept" | "acceptForSession" | "always" | "decline" | "cancel";

export type ApprovalReply = ApprovalDecision | { decision: ApprovalDecision; message?: string };

export type OnApproval = (approval: Approval) => ApprovalReply | Promise<ApprovalReply>;

/** @internal */
export async function answerCommand(params: CommandApprovalParams, onApproval: OnApproval) {
  const { threadId, turnId, itemId, cwd, proposedExecpolicyAmendment: amendment } = params;
  const { networkApprovalContext: network } = params;
  const reply = replyOf(
    await onApproval({
      kind: "command",
      threadId,
      turnId,
      itemId,
      command: params.command ?? "",
      cwd: cwd ?? null,
      reason: params.reason ?? "",
      alwaysAllows: amendment ?? null,
      hidesText: params.hidesText ?? false,
      isConfirmation: params.confirmation === "second",
      network: network ? { host: network.host, port: network.port ?? null } : null,
      agent: askingAgent(params),
    }),
  );
  if (reply.decision === "always" && network) {
    const allowed = (params.proposedNetworkPolicyAmendments ?? []).find(
      ({ action }) => action === "allow",
    ) ?? {
      host: network.host,
      action: "allow" as const,
    };
    return { ...reply, decision: { applyNetworkPolicyAmendment: { network_policy_amendment: allowed } } };
  }
  return { ...reply, decision: commandDecision(reply.decision, amendment ?? null) };
}

/** @internal */
export async function answerFileChange(
  params: ServerParams<"item/fileChange/requestApproval">,
  onApproval: OnApproval,
) {
  const { threadId, turnId, itemId, paths, reason } = params;
  const reply = replyOf(
    await onApproval({
      kind: "fileChange",
      threadId,
      turnId,
      itemId,
      paths: paths ?? [],
      reason: reason ?? "",
      agent: askingAgent(params),
    }),
  );
  return { ...reply, decision: reply.decision === "always" ? ("acceptForSession" as const) : reply.decision };
}

function askingAgent({ agent }: { agent?: AskingAgent | undefined }): AskingAgent | null {
  return agent === undefined ? null : { path: agent.path, role: agent.role };
}

function replyOf(reply: ApprovalReply): { decision: ApprovalDecision; message?: string } {
  return typeof reply === "string" ? { decision: reply } : reply;
}

function commandDecision(
  decision: ApprovalDecision,
  amendment: readonly string[] | null,
): CommandApprovalDecision {
  if (decision !== "always") return decision;
  if (amendment === null) return "accept";
  return { acceptWithExecpolicyAmendment: { execpolicy_amendment: [...amendment] } };
}
