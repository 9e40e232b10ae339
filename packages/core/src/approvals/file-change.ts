import type { Effect } from "@quire/tools";
import type { JudgeRules } from "./judge-rules.ts";

export type WriteEffect = Extract<Effect, { kind: "write" }>;

/** Stands for the folder of a change; no command can run in it. */
export const CHANGE_FOLDER = "";

/** What an answer for the session is remembered by: one file. */
export function changeSubject(path: string): string {
  return `change of ${path}`;
}

/** Why a change of files is asked about, or null where it may go ahead. Only the policy that trusts nothing asks. */
export function whyAskAboutChange({ paths }: WriteEffect, rules: JudgeRules): string | null {
  if (rules.approvalPolicy !== "untrusted") return null;
  if (paths.every((path) => rules.memory.allowsForSession(changeSubject(path), CHANGE_FOLDER))) return null;
  return `The approval policy is untrusted and this changes ${paths.join(", ")}.`;
}
