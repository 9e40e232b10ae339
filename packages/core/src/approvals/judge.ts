import { type ErrorCode, hidesText } from "@quire/protocol";
import type { Effect, Permit } from "@quire/tools";
import { citeRule } from "../binding-rules/binding-rule.ts";
import { askAllowed } from "./ask-allowed.ts";
import { destructionOutside } from "./destruction-guard.ts";
import { changeVerdict, type WriteEffect } from "./file-change.ts";
import { isConfined, type JudgeRules } from "./judge-rules.ts";
import { type McpEffect, whyAskAboutMcp } from "./mcp-call.ts";
import type { NetworkProtocol } from "./network-desk.ts";

/** A connection that no network rule decides about. */
export interface NetworkEffect {
  kind: "network";
  host: string;
  port: number;
  protocol: NetworkProtocol;
}

export interface Question {
  effect: Effect | NetworkEffect;
  /** Why this is asked, in a sentence for a person. */
  reason: string;
  /** What decided that it is asked: a rule, the classifier or the model's wish. */
  decidedBy: string;
  /** The exact tokens that "always" would save; null when nothing may be saved for a command like this. */
  amendment: readonly string[] | null;
  /** Whether what is asked about holds characters that hide or reorder text. */
  hidesText: boolean;
  /** What an acceptance grants. */
  permit: Permit;
}

export type Verdict =
  | { kind: "allow"; permit: Permit; decidedBy: string }
  | { kind: "refuse"; code: ErrorCode; message: string; decidedBy: string }
  | { kind: "ask"; question: Question };

type CommandEffect = Extract<Effect, { kind: "command" }>;
const SESSION: Permit = { sandbox: "session" };
const UNCONFINED: Permit = { sandbox: "unconfined" };

/**
 * Decides from what a call wants to do whether it may, may not, or must be asked about. The most severe effect decides.
 * A verdict never removes the sandbox by itself: `unconfined` follows an answer or a rule of the user.
 */
export async function judge(effects: readonly Effect[], rules: JudgeRules): Promise<Verdict> {
  if (rules.binding !== undefined && rules.binding.length > 0) {
    const { brokenRule, refusalText } = await import("../binding-rules/rule-guard.ts");
    const place = { home: rules.commands.home, realPath: rules.realPath };
    const broken = await brokenRule(effects, rules.binding, place);
    if (broken !== null) {
      const decidedBy = citeRule(broken.rule);
      return { kind: "refuse", code: "rule_violated", message: refusalText(broken), decidedBy };
    }
  }
  if (rules.planning === true) {
    const refused = effects.map(refusalInPlanMode).find((message) => message !== null);
    if (refused !== undefined) return refuse(refused, "plan mode");
  }
  for (const effect of effects) {
    if (effect.kind === "write") {
      const decided = judgeChange(effect, rules);
      if (decided !== null) return decided;
    }
    if (effect.kind === "command") return judgeCommand(effect, rules);
    if (effect.kind === "mcp") return judgeMcpCall(effect, rules);
  }
  return { kind: "allow", permit: SESSION, decidedBy: "nothing to judge" };
}

/** Commands themselves are held back by the sandbox, which is read-only then. */
function refusalInPlanMode(effect: Effect): string | null {
  const instead = "Put it into the plan instead.";
  switch (effect.kind) {
    case "write":
      return `Not done: in plan mode nothing is changed (${effect.paths.join(", ")}). ${instead}`;
    case "command":
      return effect.escalation === undefined
        ? null
        : `Not run: in plan mode no command leaves the read-only sandbox, and nobody is asked about it. ${instead}`;
    case "mcp":
      return effect.readOnly
        ? null
        : `Not run: ${effect.server}/${effect.tool} does not declare that it only reads, and in plan mode nothing is changed. ${instead}`;
    case "input":
      // What it reaches may have begun before, in a sandbox that lets it write.
      return effect.text === ""
        ? null
        : `Not typed: in plan mode nothing is changed, and process ${effect.processId} may be able to. ${instead}`;
    case "read":
      return null;
  }
}

/** Null where the change may go ahead within the limits of the sandbox. */
function judgeChange(effect: WriteEffect, rules: JudgeRules): Verdict | null {
  const decided = changeVerdict(effect, rules);
  if (decided.kind === "goes") return null;
  if (decided.kind === "refuse") return refuse(decided.message, "sandbox mode");
  const permit = decided.leaves ? UNCONFINED : SESSION;
  if (decided.kind === "allowed") return { kind: "allow", permit, decidedBy: "allowed for this session" };
  const decidedBy = "the approval policy";
  const hides = effect.paths.some(hidesText);
  const { reason } = decided;
  return {
    kind: "ask",
    question: { effect, reason, decidedBy, amendment: null, hidesText: hides, permit },
  };
}

async function judgeCommand(effect: CommandEffect, rules: JudgeRules): Promise<Verdict> {
  const { classify, proposeAmendment, recognizePlain, literalText } = await import("@quire/execpolicy");
  const judged = await classify(effect.command, {
    ...rules.commands,
    cwd: effect.cwd,
    rules: rules.memory.rules(),
  });
  const plain = recognizePlain(effect.command);
  const words = plain.kind === "plain" && plain.commands.length === 1 ? plain.commands[0]?.argv : undefined;
  const argv = words?.map((word) => literalText(word)) ?? [];
  const tokens = argv.every((token) => token !== null) ? argv : [];
  const ask = (reason: string, decidedBy: string, permit: Permit, savable: boolean): Verdict =>
    askOrRefuse(rules, decidedBy, {
      effect,
      reason,
      decidedBy,
      amendment: savable && tokens.length > 0 ? proposeAmendment(tokens) : null,
      hidesText: hidesText(effect.command),
      permit,
    });

  const confined = isConfined(rules.sandboxMode);
  const byRule = judged.parts.find((part) => part.by === "rule");
  if (byRule?.verdict === "forbid") return refuse(`This command is ${byRule.why}.`, byRule.why);
  const outside = judged.verdict === "safe" ? null : await destructionOutside(effect, rules, confined);
  if (outside !== null) return ask(outside, "destruction guard", permitFor(effect, rules), false);
  const leaves = !confined || effect.escalation !== undefined;
  // Inside the sandbox the boundary is the sandbox: what merely looks hostile may be a false alarm and can do no harm.
  if (judged.verdict === "forbid" && leaves) {
    return ask(
      `This looks destructive or hostile: ${judged.why}.`,
      judged.why,
      permitFor(effect, rules),
      false,
    );
  }
  if (rules.memory.allowsForSession(effect.command, effect.cwd)) {
    return { kind: "allow", permit: permitFor(effect, rules), decidedBy: "allowed for this session" };
  }
  if (byRule?.verdict === "ask")
    return ask(`A rule asks about this: ${byRule.why}.`, byRule.why, permitFor(effect, rules), false);
  const allowedByRule = judged.verdict === "safe" && byRule?.verdict === "safe";
  if (effect.escalation && confined) {
    if (allowedByRule) return { kind: "allow", permit: UNCONFINED, decidedBy: byRule.why };
    return ask(effect.escalation.justification, "the model asks to leave the sandbox", UNCONFINED, true);
  }
  if (rules.approvalPolicy === "untrusted" && judged.verdict !== "safe") {
    return ask(`The approval policy is untrusted and this is ${judged.why}.`, judged.why, SESSION, true);
  }
  return { kind: "allow", permit: SESSION, decidedBy: judged.why };
}

function judgeMcpCall(effect: McpEffect, rules: JudgeRules): Verdict {
  const why = whyAskAboutMcp(effect, rules);
  if (why === null) return { kind: "allow", permit: SESSION, decidedBy: "a configured MCP server" };
  const { reason, by: decidedBy } = why;
  return askOrRefuse(rules, decidedBy, {
    effect,
    reason,
    decidedBy,
    amendment: null,
    hidesText: hidesText(`${effect.server}${effect.tool}${effect.input}`),
    permit: SESSION,
  });
}

/** An approved escalation runs unconfined; anything else runs where the session's commands run. */
function permitFor(effect: CommandEffect, rules: JudgeRules): Permit {
  return effect.escalation && isConfined(rules.sandboxMode) ? UNCONFINED : SESSION;
}

function askOrRefuse(rules: JudgeRules, decidedBy: string, question: Question): Verdict {
  const subject = decidedBy === "the model asks to leave the sandbox" ? "escalation" : "rule";
  if (askAllowed(rules.approvalPolicy, subject)) return { kind: "ask", question };
  return refuse(
    `${question.reason} It would have to be approved, and the approval policy forbids asking. Find another way, or say what is missing.`,
    decidedBy,
  );
}

function refuse(message: string, decidedBy: string): Verdict {
  return { kind: "refuse", code: "command_denied", message, decidedBy };
}
