import { type RuleCheckItem, textMessage } from "@quire/protocol";
import type { CheckedRule } from "../binding-rules/turn-state.ts";
import type { RuleWatch } from "./rule-watch.ts";
import type { TurnContext } from "./turn-context.ts";

/** How often a model is told in one turn that rules are not kept. */
const MOST_ROUNDS = 2;

/** The end of a turn as far as AGENTS.md goes: failed checks go back to the model, within bounds, and all are shown. */
export class RuleChecks {
  readonly #turn: TurnContext;
  readonly #watch: RuleWatch;
  #rounds = 0;
  #last = "";

  constructor(turn: TurnContext, watch: RuleWatch) {
    this.#turn = turn;
    this.#watch = watch;
  }

  /** Checks when the model yields. True: it was told what is missing and has to go on. */
  async handBack(): Promise<boolean> {
    const { signal, parts } = this.#turn;
    const checked = await this.#watch.check(signal);
    if (signal.aborted || checked.length === 0) return false;
    const failed = checked.filter(({ outcome }) => outcome === "failed");
    // Told twice in the same words, a model has nothing new to act on.
    const text = failed
      .map(({ rule, evidence }) => `${rule.source.file}:${rule.source.line} ${evidence}`)
      .join("\n");
    const again =
      failed.length > 0 && this.#rounds < MOST_ROUNDS && (this.#rounds === 0 || text !== this.#last);
    parts.record.itemCompleted(this.#turn.turnId, itemOf(checked, again, parts.newId()));
    if (!again) return false;
    this.#rounds++;
    this.#last = text;
    parts.record.addHistory([textMessage("developer", failureText(failed))]);
    return true;
  }
}

function itemOf(checked: readonly CheckedRule[], handedBack: boolean, id: string): RuleCheckItem {
  const outcomes = new Set(checked.map(({ outcome }) => outcome));
  return {
    type: "ruleCheck",
    id,
    outcome: outcomes.has("failed") ? "failed" : outcomes.has("unchecked") ? "unchecked" : "passed",
    handedBack,
    checks: checked.map(({ rule, outcome, evidence }) => ({
      ...rule.source,
      kind: rule.check.kind,
      outcome,
      evidence,
    })),
  };
}

function failureText(failed: readonly CheckedRule[]): string {
  const lines = failed.map(
    ({ rule, evidence }) =>
      `- ${rule.source.file}:${rule.source.line} says: ${rule.source.text}\n  Not kept: ${evidence}.`,
  );
  return `<rule_check>\nThe turn is not over: rules of AGENTS.md that are checked were not kept.\n${lines.join("\n")}\nPut this right, or say why it cannot be done.\n</rule_check>`;
}
