import { recognizePlain } from "../plain/recognize-plain.ts";
import type { EffectiveCommand } from "../shell/effective-command.ts";
import { scriptFromPlain } from "../shell/from-plain.ts";
import type { ShellCommand, ShellScript, ShellSurroundings } from "../shell/script-model.ts";
import { unwrapCommand } from "../shell/unwrap-command.ts";
import { AGENT } from "./agent.ts";
import { DESTROY } from "./destroy.ts";
import { runsDownloadedFile, runsFetchedText } from "./fetched-text.ts";
import type { ForbidRules } from "./forbid-rule.ts";
import { INTERPRETER_CODE } from "./interpreter-code.ts";
import { NETWORK } from "./network.ts";
import { PERSISTENCE } from "./persistence.ts";
import { judgePipeline } from "./pipelines.ts";
import { PRIVILEGE } from "./privilege.ts";
import { groupRedirectDanger, PROTECTED_WRITE } from "./protected-write.ts";
import { SECRETS } from "./secrets.ts";
import { scriptFromTokens } from "./token-scan.ts";

const RULE_SETS: readonly ForbidRules[] = [
  DESTROY,
  PROTECTED_WRITE,
  PRIVILEGE,
  PERSISTENCE,
  AGENT,
  SECRETS,
  NETWORK,
  INTERPRETER_CODE,
];
/** A shell in a shell in a shell: texts nested deeper than this are not followed. */
const MAX_NESTED_TEXTS = 8;

export interface ScannedCommand {
  command: ShellCommand;
  effective: EffectiveCommand[];
  /** Why it is refused, or null. */
  reason: string | null;
}

export interface ScanResult {
  /** Every command found, those in substitutions and in texts given to shells included. */
  commands: ScannedCommand[];
  /** The first reason to refuse the whole, or null. */
  reason: string | null;
}

/** Applies every forbid rule to every part of a script, following text into nested shells. */
export async function scanScript(script: ShellScript, around: ShellSurroundings): Promise<ScanResult> {
  const result: ScanResult = { commands: [], reason: null };
  let level = [script];
  for (let depth = 0; level.length > 0 && depth <= MAX_NESTED_TEXTS; depth++) {
    const next: ShellScript[] = [];
    for (const each of level) {
      for (const { text, cwd } of scanOne(each, around, result))
        next.push(await parseShellText(text, { ...around, cwd: cwd ?? around.cwd }));
    }
    level = next;
  }
  return result;
}

function scanOne(
  script: ShellScript,
  around: ShellSurroundings,
  result: ScanResult,
): { text: string; cwd: string | null }[] {
  const texts: { text: string; cwd: string | null }[] = [];
  if (script.selfMultiplying.length > 0) result.reason ??= "a fork bomb";
  for (const command of script.commands) {
    const unwrapped = unwrapCommand(command);
    const reason = commandReason(command, unwrapped.commands, around);
    texts.push(...unwrapped.texts);
    result.commands.push({ command, effective: unwrapped.commands, reason });
    result.reason ??= reason;
  }
  for (const pipeline of script.pipelines) {
    if (pipeline.stages.length < 2) continue;
    const findings = judgePipeline(pipeline, around);
    result.reason ??= findings.reason;
    texts.push(...findings.texts);
  }
  result.reason ??= runsDownloadedFile(script);
  return texts;
}

function commandReason(
  command: ShellCommand,
  effectives: readonly EffectiveCommand[],
  around: ShellSurroundings,
): string | null {
  const [first] = effectives;
  const bare: EffectiveCommand = first ?? { name: "", invoked: "", args: [], wrappers: [], command };
  if (!first) {
    const reason =
      groupRedirectDanger(bare, around) ??
      NETWORK["*"]?.(bare, around) ??
      AGENT["*"]?.(bare, around) ??
      SECRETS["*"]?.(bare, around);
    return reason ?? null;
  }
  if (command.background && first.invoked === "\ue000" && command.words[0]?.variables.includes("0") === true)
    return "a fork bomb";
  for (const effective of effectives) {
    for (const rules of RULE_SETS) {
      const own = Object.hasOwn(rules, effective.name) ? rules[effective.name] : undefined;
      const reason = own?.(effective, around) ?? rules["*"]?.(effective, around) ?? null;
      if (reason !== null) return reason;
    }
    const reason = runsFetchedText(effective);
    if (reason !== null) return reason;
  }
  return null;
}

/** Reads any shell text. The parser is loaded only when the text is not plain. */
export async function parseShellText(text: string, around: ShellSurroundings): Promise<ShellScript> {
  const plain = recognizePlain(text);
  if (plain.kind === "plain") return scriptFromPlain(plain.commands, around);
  const { scriptFromText } = await import("../shell/from-ast.ts");
  const script = scriptFromText(text, around);
  if (!script.damaged) return script;
  const tokens = scriptFromTokens(text, around);
  return {
    commands: [...script.commands, ...tokens.commands],
    pipelines: [...script.pipelines, ...tokens.pipelines],
    selfMultiplying: script.selfMultiplying,
    damaged: true,
  };
}
