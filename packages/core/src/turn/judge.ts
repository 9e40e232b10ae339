import type { ApprovalPolicy, ErrorCode, SandboxMode } from "@quire/protocol";
import type { Effect, Permit } from "@quire/tools";

/** What a person is shown when asked. */
export interface ApprovalRequest {
  threadId: string;
  turnId: string;
  itemId: string;
  effect: Effect;
  /** Why this is asked at all. */
  reason: string;
}

export type ApprovalDecision = "accept" | "acceptForSession" | "decline" | "cancel";

/** Puts a question to whoever can answer. Rejects only when `signal` aborts. */
export type Approver = (
  request: ApprovalRequest,
  options: { signal: AbortSignal },
) => Promise<ApprovalDecision>;

export type Verdict =
  | { kind: "allow"; permit: Permit }
  | { kind: "refuse"; code: ErrorCode; message: string }
  | { kind: "ask"; effect: Effect; reason: string };

/**
 * Decides from what a call wants to do whether it may, may not, or must be asked about. The verdict never widens the
 * sandbox by itself: `unconfined` only follows an answer to a question.
 */
export function judge(
  effects: readonly Effect[],
  rules: { sandboxMode: SandboxMode; approvalPolicy: ApprovalPolicy },
): Verdict {
  for (const effect of effects) {
    if (effect.kind === "write" && rules.sandboxMode === "read-only") {
      return {
        kind: "refuse",
        code: "command_denied",
        message: `The sandbox mode is read-only, so ${effect.paths.join(", ")} cannot be changed. Describe the change instead, or ask the user to run with --sandbox workspace-write.`,
      };
    }
    if (effect.kind !== "command" || !effect.escalation) continue;
    if (rules.sandboxMode === "danger-full-access") continue;
    if (rules.approvalPolicy === "never") {
      return {
        kind: "refuse",
        code: "command_denied",
        message:
          "Running outside the sandbox needs an approval, and the approval policy is never. Run the command without escalation, or say what is missing.",
      };
    }
    return { kind: "ask", effect, reason: effect.escalation.justification };
  }
  return { kind: "allow", permit: { sandbox: "session" } };
}
