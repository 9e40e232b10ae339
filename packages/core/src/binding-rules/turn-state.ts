import type { BindingRule } from "./binding-rule.ts";
import type { ChangedText } from "./changed-text.ts";
import { type Evidence, evidenceOf } from "./command-rules.ts";
import { missingTests, violationsOf } from "./violations.ts";

/** A file that a turn changed; `changedAtMs` of the file, where there is one. */
export interface TurnChange extends ChangedText {
  changedAtMs: number | null;
}

/** A command of the turn that has ended. Times are Unix milliseconds. */
export interface TurnCommand {
  command: string;
  exitCode: number | null;
  endedAtMs: number;
  /** Whether a patch changed files after it began. */
  beforeLastPatch: boolean;
}

/** What a turn came to, as far as rules go. */
export interface TurnState {
  changes: readonly TurnChange[];
  commands: readonly TurnCommand[];
  /** Why it is not known what commands changed; null where it is. */
  unknown: string | null;
  /** First lines of the messages of new commits. */
  subjects: readonly string[];
}

/** One rule at the end of a turn. `evidence` is what was seen, in a sentence. */
export interface CheckedRule {
  rule: BindingRule;
  outcome: "passed" | "failed" | "unchecked";
  evidence: string;
}

/** Checks the rules that a turn had to do with; those that it did not touch are left out. */
export async function checkTurn(rules: readonly BindingRule[], state: TurnState): Promise<CheckedRule[]> {
  const checked: CheckedRule[] = [];
  for (const rule of rules) {
    const found = await checkRule(rule, state);
    if (found !== null) checked.push({ rule, ...found });
  }
  return checked;
}

type Found = Omit<CheckedRule, "rule">;

async function checkRule(rule: BindingRule, state: TurnState): Promise<Found | null> {
  const { check } = rule;
  switch (check.kind) {
    case "never_command":
      // Refused before it runs; there is nothing left to look at.
      return null;
    case "commit_format": {
      const wrong = state.subjects.find(
        (subject) => !new RegExp(check.source, "u").test(subject.slice(0, 1000)),
      );
      if (wrong !== undefined)
        return failed(`a commit is called "${wrong.slice(0, 120)}"; wanted: ${check.label}`);
      return state.subjects.length === 0 ? null : passed(`${state.subjects.length} commits have the form`);
    }
    case "run_command":
      return checkRun(check.command, state);
    case "tests_accompany":
      return settled(missingTests(rule, state.changes), state);
    default:
      return settled(violationsOf([rule], state.changes, false)[0]?.detail ?? null, state);
  }
}

function settled(problem: string | null, { changes, unknown }: TurnState): Found | null {
  if (problem !== null) return failed(problem);
  if (unknown !== null) return unchecked(`what commands changed is not known: ${unknown}`);
  return changes.length === 0
    ? null
    : passed(`${changes.length} changed ${changes.length === 1 ? "file" : "files"} looked at`);
}

/** The last time the command ran counts. */
async function checkRun(wanted: string, state: TurnState): Promise<Found | null> {
  if (state.changes.length === 0 && state.unknown === null) return null;
  const lastChange = Math.max(0, ...state.changes.map(({ changedAtMs }) => changedAtMs ?? 0));
  let last: { run: TurnCommand; evidence: Evidence } | null = null;
  for (const run of state.commands) {
    const evidence = await evidenceIn(wanted, run.command);
    if (evidence.kind !== "none") last = { run, evidence };
  }
  if (last === null) {
    if (state.changes.length === 0) return unchecked(`what commands changed is not known: ${state.unknown}`);
    return failed(`\`${wanted}\` did not run in this turn`);
  }
  const { run, evidence } = last;
  if (evidence.kind === "unclear") return failed(`\`${wanted}\`: ${evidence.why}`);
  if (run.exitCode !== 0) return failed(`\`${wanted}\` ended with exit code ${run.exitCode ?? "unknown"}`);
  if (run.beforeLastPatch || lastChange > run.endedAtMs) {
    return failed(`files were changed after \`${wanted}\` ran`);
  }
  return passed(`\`${wanted}\` ended with exit code 0 after the last change`);
}

async function evidenceIn(wanted: string, command: string): Promise<Evidence> {
  const { literalText, recognizePlain } = await import("@quire/execpolicy/plain");
  // Where its output goes does not matter, and a file is the one thing that plain text may not name.
  const text = command.replace(/\s+(?:&>|1?>)\s*[\w./-]+(?:\s+2>&1)?\s*$/, "");
  const plain = recognizePlain(text);
  if (plain.kind !== "plain") {
    const mentioned = command.replace(/\s+/g, " ").includes(wanted.replace(/\s+/g, " "));
    return mentioned
      ? { kind: "unclear", why: "the command line is not a plain one; run it by itself" }
      : { kind: "none" };
  }
  return evidenceOf(wanted, plain.commands, ({ argv }) => {
    const words = argv.map(literalText);
    return words.every((word) => word !== null) ? words : null;
  });
}

function passed(evidence: string): Found {
  return { outcome: "passed", evidence };
}

function failed(evidence: string): Found {
  return { outcome: "failed", evidence };
}

function unchecked(evidence: string): Found {
  return { outcome: "unchecked", evidence };
}
