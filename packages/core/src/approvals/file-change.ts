import type { Effect } from "@quire/tools";
import { askAllowed } from "./ask-allowed.ts";
import { isConfined, type JudgeRules } from "./judge-rules.ts";

export type WriteEffect = Extract<Effect, { kind: "write" }>;

/** `leaves`: it goes beyond what the sandbox lets commands write. `goes` decides nothing: its own limits hold. */
export type ChangeVerdict =
  | { kind: "goes" }
  | { kind: "allowed"; leaves: boolean }
  | { kind: "ask"; leaves: boolean; reason: string }
  | { kind: "refuse"; message: string };

/** Stands for the folder of a change; no command can run in it. */
export const CHANGE_FOLDER = "";

/** What an answer for the session is remembered by: one file. */
export function changeSubject(path: string): string {
  return `change of ${path}`;
}

/**
 * Whether a change of files is asked about. The policy that trusts nothing asks about each; one that lets questions about
 * the sandbox through asks about those that go beyond it, which are all of them where it is read-only.
 */
export function changeVerdict({ paths, outside = [] }: WriteEffect, rules: JudgeRules): ChangeVerdict {
  const { sandboxMode, approvalPolicy, memory, attended = true } = rules;
  const readOnly = sandboxMode === "read-only";
  const leaves = readOnly || (isConfined(sandboxMode) && outside.length > 0);
  const mayAsk = attended && askAllowed(approvalPolicy, "escalation");
  if (leaves && !mayAsk) return readOnly ? readOnlyRefusal(paths) : { kind: "goes" };
  if (!leaves && approvalPolicy !== "untrusted") return { kind: "goes" };
  if (paths.every((path) => memory.allowsForSession(changeSubject(path), CHANGE_FOLDER))) {
    return { kind: "allowed", leaves };
  }
  return { kind: "ask", leaves, reason: reasonOf(paths, outside, readOnly) };
}

function reasonOf(paths: readonly string[], outside: readonly string[], readOnly: boolean): string {
  if (readOnly) return `The sandbox mode is read-only and this changes ${paths.join(", ")}.`;
  if (outside.length > 0) {
    return `This changes ${outside.join(", ")}, outside of the folders that may be written.`;
  }
  return `The approval policy is untrusted and this changes ${paths.join(", ")}.`;
}

function readOnlyRefusal(paths: readonly string[]): ChangeVerdict {
  const message = `The sandbox mode is read-only, so ${paths.join(", ")} cannot be changed. Describe the change instead, or ask the user to run with --sandbox workspace-write.`;
  return { kind: "refuse", message };
}
