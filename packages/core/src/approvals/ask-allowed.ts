import type { ApprovalPolicy } from "@quire/protocol";

/** What a question is about: leaving the sandbox, or something a rule or a guard wants confirmed. */
export type QuestionSubject = "escalation" | "rule";

/** Whether the policy lets a question of this kind reach a person. */
export function askAllowed(policy: ApprovalPolicy, subject: QuestionSubject): boolean {
  if (policy === "never") return false;
  if (typeof policy === "string") return true;
  return subject === "escalation" ? policy.granular.sandbox_approval : policy.granular.rules;
}
