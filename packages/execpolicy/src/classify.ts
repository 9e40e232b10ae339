import type { CommandContext, Requirement } from "./command-context.ts";
import { parseShellText, type ScannedCommand, type ScanResult, scanScript } from "./forbid/scan-script.ts";
import { normalizePath } from "./lexical-path.ts";
import {
  literalText,
  type PlainCommand,
  type PlainOperator,
  type PlainResult,
} from "./plain/plain-command.ts";
import { recognizePlain } from "./plain/recognize-plain.ts";
import { ReadOnlyJudge } from "./read-only.ts";
import { matchRules, type PrefixRuleMatch, strictest } from "./rules/policy.ts";
import { scriptFromPlain } from "./shell/from-plain.ts";
import { isFixed, type ShellSurroundings } from "./shell/script-model.ts";
import { type Classification, type JudgedPart, type Verdict, worse } from "./verdict.ts";

/**
 * Judges a shell command as `bash -lc` would be given it. The order is: built-in forbid rules, the user's
 * forbidden and prompt rules, the user's allow rules, the read-only tables, ask; the most severe part wins. Never
 * throws for any text. Decides only whether to ask: the sandbox stays the boundary whatever the verdict is.
 */
export async function classify(command: string, context: CommandContext): Promise<Classification> {
  const around = surroundingsOf(context);
  const plain = recognizePlain(command);
  const script =
    plain.kind === "plain" ? scriptFromPlain(plain.commands, around) : await parseShellText(command, around);
  const scan = await scanScript(script, around);
  const verdicts = plain.kind === "plain" ? judgePlain(plain, context) : null;
  const parts: JudgedPart[] = [];
  for (const [index, scanned] of scan.commands.entries()) {
    const own = verdicts?.parts[index] ?? unjudged(plain);
    parts.push(judgePart(scanned, own, context));
  }
  return summarize(scan, parts, plain, verdicts?.requires ?? []);
}

function surroundingsOf(context: CommandContext): ShellSurroundings {
  const roots = context.workspaceRoots.length > 0 ? context.workspaceRoots : [context.cwd];
  return {
    cwd: normalizePath(context.cwd),
    // A home that cannot exist keeps `~` recognisable when the caller knows none.
    home: context.home === undefined ? "/home/\ue003" : normalizePath(context.home),
    roots: roots.map(normalizePath),
  };
}

type OwnVerdict = Pick<JudgedPart, "verdict" | "why" | "by">;
type PlainScript = Extract<PlainResult, { kind: "plain" }>;

function unjudged(plain: PlainResult): OwnVerdict {
  return plain.kind === "plain"
    ? { verdict: "ask", why: "text handed to another shell", by: "built-in" }
    : { verdict: "ask", why: `not a plain command: ${plain.why}`, by: "built-in" };
}

function judgePlain(
  plain: PlainScript,
  context: CommandContext,
): { parts: OwnVerdict[]; requires: Requirement[] } {
  const judge = new ReadOnlyJudge(context);
  const parts: OwnVerdict[] = [];
  const requires = new Set<Requirement>();
  const shell = plain.shell === null ? null : shellReason(plain.shell, context);
  let before: PlainOperator = null;
  for (const command of plain.commands) {
    const verdict = judge.judge(command, before);
    before = command.operatorAfter;
    if (verdict.kind === "safe") for (const each of verdict.requires) requires.add(each);
    const own: OwnVerdict =
      verdict.kind === "safe"
        ? { verdict: "safe", why: "only reads", by: "built-in" }
        : { verdict: "ask", why: verdict.why, by: "built-in" };
    const allowed = plain.commands.length === 1 ? userAllows(command, context) : null;
    parts.push(shell !== null ? { verdict: "ask", why: shell, by: "built-in" as const } : (allowed ?? own));
  }
  return { parts, requires: [...requires] };
}

function shellReason(shell: string, context: CommandContext): string | null {
  return typeof context.resolveProgram(shell) === "string" ? null : `${shell} is not the shell of the system`;
}

/** A saved rule covers a single simple command: no compound, no redirection, no variables in front. */
function userAllows(command: PlainCommand, context: CommandContext): OwnVerdict | null {
  const { rules } = context;
  if (!rules || command.redirects.length > 0 || command.assignments.length > 0) return null;
  const argv: string[] = [];
  for (const word of command.argv) {
    const text = literalText(word);
    if (text === null || word.glob) return null;
    argv.push(text);
  }
  const program = argv[0] ?? "";
  if (
    !program.includes("/") &&
    typeof context.resolveProgram(program) === "object" &&
    context.resolveProgram(program) !== null
  )
    return null;
  const matches = matchRules(rules, argv);
  if (strictest(matches.map((match) => match.decision)) !== "allow") return null;
  return { verdict: "safe", why: reasonOf(matches, "allowed by your rule"), by: "rule" };
}

function judgePart(scanned: ScannedCommand, own: OwnVerdict, context: CommandContext): JudgedPart {
  const { text } = scanned.command;
  if (scanned.reason !== null) return { text, verdict: "forbid", why: scanned.reason, by: "built-in" };
  const matches = userMatches(scanned, context);
  const decision = strictest(matches.map((match) => match.decision));
  if (decision === "forbidden")
    return { text, verdict: "forbid", why: reasonOf(matches, "forbidden by your rule"), by: "rule" };
  if (decision === "prompt")
    return { text, verdict: "ask", why: reasonOf(matches, "your rule asks"), by: "rule" };
  return { text, ...own };
}

/** Rules see through wrappers and full paths when they restrict; only `allow` looks at the command as written. */
function userMatches(scanned: ScannedCommand, context: CommandContext): PrefixRuleMatch[] {
  const { rules } = context;
  if (!rules || rules.prefixRules.length === 0) return [];
  return scanned.effective.flatMap((effective) => {
    const args = effective.args.filter(isFixed).map((arg) => arg.text);
    const direct = matchRules(rules, [effective.invoked, ...args]);
    return direct.length > 0 || effective.invoked === effective.name
      ? direct
      : matchRules(rules, [effective.name, ...args]);
  });
}

function reasonOf(matches: readonly PrefixRuleMatch[], phrase: string): string {
  const decision = strictest(matches.map((match) => match.decision));
  const match = matches.find((each) => each.decision === decision);
  const rule = match ? `${phrase} for \`${match.matchedPrefix.join(" ")}\`` : phrase;
  return match?.justification === undefined ? rule : `${rule}: ${match.justification}`;
}

function summarize(
  scan: ScanResult,
  parts: JudgedPart[],
  plain: PlainResult,
  requires: Requirement[],
): Classification {
  let verdict: Verdict = plain.kind === "plain" && parts.length > 0 ? "safe" : "ask";
  for (const part of parts) verdict = worse(verdict, part.verdict);
  if (scan.reason !== null) verdict = "forbid";
  if (verdict === "safe") return { verdict, why: parts[0]?.why ?? "only reads", parts, requires };
  const decisive = parts.filter((part) => part.verdict === verdict);
  const worst = decisive.find((part) => part.by === "rule") ?? decisive[0];
  const fallback =
    plain.kind === "plain"
      ? "not known to be read-only"
      : `not a plain command: ${plain.why} at offset ${plain.offset}`;
  const why =
    verdict === "forbid"
      ? (scan.reason ?? worst?.why ?? fallback)
      : plain.kind === "plain" || worst?.by === "rule"
        ? (worst?.why ?? fallback)
        : fallback;
  return { verdict, why, parts, requires: [] };
}
