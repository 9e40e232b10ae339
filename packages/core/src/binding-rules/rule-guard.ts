import type { Effect } from "@quire/tools";
import { type BindingRule, citeRule } from "./binding-rule.ts";
import { commitSubject, isForbidden } from "./command-rules.ts";
import { forbiddenPaths, pathForRule, type Violation, violationsOf } from "./violations.ts";

/** What the guard knows of the machine. */
export interface GuardPlace {
  home: string | undefined;
  /** Resolves links as far as a path exists. */
  realPath: (path: string) => string;
}

/**
 * The first rule that an effect would break, before it happens; null where the text of the call shows none. What only shows
 * afterwards is looked for when the turn ends.
 */
export async function brokenRule(
  effects: readonly Effect[],
  rules: readonly BindingRule[],
  place: GuardPlace,
): Promise<Violation | null> {
  if (rules.length === 0) return null;
  for (const effect of effects) {
    if (effect.kind === "write") {
      const broken = brokenByPatch(effect, rules, place);
      if (broken !== null) return broken;
    }
    const text =
      effect.kind === "command" ? effect.command : effect.kind === "input" ? effect.text : undefined;
    if (text === undefined || text.trim() === "") continue;
    const cwd = effect.kind === "command" ? effect.cwd : "/";
    const broken = await brokenByCommand(text, cwd, rules, place);
    if (broken !== null) return broken;
  }
  return null;
}

function brokenByPatch(
  effect: Extract<Effect, { kind: "write" }>,
  rules: readonly BindingRule[],
  { realPath }: GuardPlace,
): Violation | null {
  const paths = effect.paths.map(realPath);
  for (const rule of rules) {
    const [path] = forbiddenPaths(rule, paths, true);
    if (path !== undefined) return { rule, detail: `this patch changes ${pathForRule(rule, path) ?? path}` };
  }
  if (!rules.some(({ check }) => check.kind === "ban_pattern" || check.kind === "no_dependency_changes"))
    return null;
  return violationsOf(rules, effect.texts?.() ?? [], true)[0] ?? null;
}

async function brokenByCommand(
  command: string,
  cwd: string,
  rules: readonly BindingRule[],
  { home, realPath }: GuardPlace,
): Promise<Violation | null> {
  const { destructiveTargets, startedCommands } = await import("@quire/execpolicy");
  const place = { cwd, ...(home === undefined ? {} : { home }) };
  if (rules.some(({ check }) => check.kind === "never_command" || check.kind === "commit_format")) {
    const started = await startedCommands(command, place);
    for (const rule of rules) {
      const detail = started.map((each) => forbiddenCommand(rule, each)).find((each) => each !== null);
      if (detail) return { rule, detail };
    }
  }
  if (!rules.some(({ check }) => check.kind === "never_paths" || check.kind === "only_paths")) return null;
  for (const { kind, targets, folder, certain } of await destructiveTargets(command, place)) {
    if (!certain) continue;
    const { resolve } = await import("node:path");
    const paths = targets.map((target) => realPath(resolve(folder ?? cwd, target)));
    for (const rule of rules) {
      const [path] = forbiddenPaths(rule, paths, false);
      if (path !== undefined)
        return { rule, detail: `this command would ${kind} ${pathForRule(rule, path) ?? path}` };
    }
  }
  return null;
}

function forbiddenCommand({ check }: BindingRule, started: Parameters<typeof isForbidden>[1]): string | null {
  if (check.kind === "never_command") {
    return isForbidden(check.command, started) ? `this runs ${check.command}` : null;
  }
  if (check.kind !== "commit_format") return null;
  const subject = commitSubject(started);
  if (subject === null || new RegExp(check.source, "u").test(subject.slice(0, 1000))) return null;
  return `the commit message "${subject.slice(0, 120)}" does not have the form ${check.label}`;
}

/** What the model is told, so that it can act. */
export function refusalText({ rule, detail }: Violation): string {
  return `Not done: ${detail}. ${citeRule(rule)}\nThis rule of the project is enforced. Find a way that keeps it; if the task cannot be done without breaking it, say so.`;
}
