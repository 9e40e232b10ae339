import { relative, sep } from "node:path";
import type { BannedPattern, BindingRule } from "./binding-rule.ts";
import { type AddedLine, addedLines, type ChangedText } from "./changed-text.ts";
import { dependencyChange } from "./dependency-changes.ts";
import { matchesAny } from "./path-pattern.ts";
import { extensionOf, isProgramFile, programLines } from "./program-text.ts";
import { TEST_PATHS } from "./recognise.ts";

/** A rule that a change breaks, and what in it does, in a phrase. */
export interface Violation {
  rule: BindingRule;
  detail: string;
}

/** Longer lines are generated; a pattern is not looked for behind this many characters. */
const MOST_OF_LINE = 2000;
const MOST_NAMED = 3;

/** The path as a rule names it; null when it lies outside of where the rule holds. */
export function pathForRule(rule: BindingRule, path: string): string | null {
  const inside = relative(rule.root, path);
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`)) return null;
  return inside.split(sep).join("/");
}

/** The paths among these that a rule about paths does not let be changed. `byPatch`: not by a command. */
export function forbiddenPaths(rule: BindingRule, paths: readonly string[], byPatch: boolean): string[] {
  const { check } = rule;
  if (check.kind !== "never_paths" && check.kind !== "only_paths") return [];
  if (check.kind === "never_paths" && check.byHand && !byPatch) return [];
  return paths.filter((path) => {
    const inside = pathForRule(rule, path);
    return inside !== null && matchesAny(check.paths, inside) === (check.kind === "never_paths");
  });
}

/** What changes break of the rules about paths, added lines and dependencies. */
export function violationsOf(
  rules: readonly BindingRule[],
  changes: readonly ChangedText[],
  byPatch: boolean,
): Violation[] {
  let lines: AddedLine[] | null = null;
  return rules.flatMap((rule): Violation[] => {
    const paths = forbiddenPaths(
      rule,
      changes.map(({ path }) => path),
      byPatch,
    );
    if (paths.length > 0) return [{ rule, detail: `it changes ${named(rule, paths)}` }];
    if (rule.check.kind === "ban_pattern") {
      lines ??= addedLines(changes);
      const found = bannedLines(rule, rule.check, lines, changes);
      return found === null ? [] : [{ rule, detail: found }];
    }
    if (rule.check.kind !== "no_dependency_changes") return [];
    for (const change of changes) {
      const inside = pathForRule(rule, change.path);
      const what = inside === null ? null : dependencyChange(change);
      if (what !== null) return [{ rule, detail: `it changes dependencies in ${inside}: ${what}` }];
    }
    return [];
  });
}

function named(rule: BindingRule, paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_NAMED).map((path) => pathForRule(rule, path) ?? path);
  const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : "";
  return `${shown.join(", ")}${more}`;
}

type Ban = Extract<BindingRule["check"], { kind: "ban_pattern" }>;

function bannedLines(
  rule: BindingRule,
  { pattern, inside, except }: Ban,
  lines: readonly AddedLine[],
  changes: readonly ChangedText[],
): string | null {
  const expression = new RegExp(pattern.source, "u");
  for (const { path, after, before } of changes) {
    const shown = pathForRule(rule, path);
    if (shown === null || after === null || !isMeant(pattern, shown, inside, except)) continue;
    const fits = matcher(pattern, expression, path, inside.length > 0);
    const found = lines.filter((line) => line.path === path && fits(after, line.line, line.text));
    const [first] = found;
    // A line that had it before and was changed in another place is no addition.
    if (first === undefined || total(fits, after) <= total(fits, before)) continue;
    return `${shown}:${first.line} adds ${pattern.label}: ${first.text.trim().slice(0, 160)}`;
  }
  return null;
}

function isMeant(
  pattern: BannedPattern,
  path: string,
  inside: readonly string[],
  except: readonly string[],
): boolean {
  if (inside.length > 0 && !matchesAny(inside, path)) return false;
  if (matchesAny(except, path)) return false;
  if (pattern.extensions !== null) return pattern.extensions.includes(extensionOf(path));
  return pattern.over === "text" || inside.length > 0 || isProgramFile(path);
}

type Fits = (whole: string, line: number, text: string) => boolean;

/** The file is scanned for comments once, whatever the number of lines. */
function matcher(pattern: BannedPattern, expression: RegExp, path: string, isNamed: boolean): Fits {
  const scanned = new Map<string, string[]>();
  const asCode = pattern.over === "code" && (isProgramFile(path) || !isNamed);
  return (whole, line, text) => {
    if (!asCode) return expression.test(text.slice(0, MOST_OF_LINE));
    const code = scanned.get(whole) ?? programLines(path, whole);
    scanned.set(whole, code);
    return expression.test((code[line - 1] ?? "").slice(0, MOST_OF_LINE));
  };
}

function total(fits: Fits, text: string | null): number {
  if (text === null) return 0;
  return text.split(/\r?\n/).filter((line, index) => fits(text, index + 1, line)).length;
}

/** Whether programs changed without tests; the phrase says which. Deleted files need none. */
export function missingTests(rule: BindingRule, changes: readonly ChangedText[]): string | null {
  if (rule.check.kind !== "tests_accompany") return null;
  const { sources, tests } = rule.check;
  const changed = changes.flatMap(({ path, after }) => {
    const inside = pathForRule(rule, path);
    return inside === null || after === null ? [] : [inside];
  });
  const isTest = (path: string) => matchesAny(tests.length > 0 ? tests : TEST_PATHS, path);
  const isSource = (path: string) => (sources.length > 0 ? matchesAny(sources, path) : isProgramFile(path));
  const code = changed.filter((path) => isSource(path) && !isTest(path));
  if (code.length === 0 || changed.some(isTest)) return null;
  return `${code.slice(0, MOST_NAMED).join(", ")} changed and no test did`;
}
