import type { ReasoningEffort } from "@quire/protocol";
import type { RoutingRule } from "./routing-file.ts";

/** What rules can look at. */
export interface Task {
  prompt: string;
  /** "turn" for the user's own, else what the thread is for: "review". */
  role: string;
}

export interface RuleVerdict {
  rule: RoutingRule;
  /** Null when every condition holds, else the one that does not, in words. */
  against: string | null;
}

export interface RouteDecision {
  /** The rule that decided, or null. */
  rule: RoutingRule | null;
  /** Every rule up to the deciding one. */
  verdicts: RuleVerdict[];
}

/** The first rule of which every condition holds decides. */
export function routeTask(task: Task, rules: readonly RoutingRule[]): RouteDecision {
  const verdicts: RuleVerdict[] = [];
  for (const rule of rules) {
    const against = conditionAgainst(rule, task);
    verdicts.push({ rule, against });
    if (against === null) return { rule, verdicts };
  }
  return { rule: null, verdicts };
}

function conditionAgainst(rule: RoutingRule, { prompt, role }: Task): string | null {
  const { tags, words, files, roles, min_prompt_chars: least, max_prompt_chars: most } = rule;
  if (roles !== undefined && !roles.includes(role)) return `the role is ${role}`;
  if (least !== undefined && prompt.length < least) return `the prompt has ${prompt.length} characters`;
  if (most !== undefined && prompt.length > most) return `the prompt has ${prompt.length} characters`;
  if (tags !== undefined) {
    const given = tagsOf(prompt);
    if (!tags.some((tag) => given.has(tag.toLowerCase()))) return `no tag #${tags.join(", #")}`;
  }
  if (words !== undefined) {
    const said = wordsOf(prompt);
    if (!words.some((word) => said.has(word.toLowerCase()))) return `none of the words ${words.join(", ")}`;
  }
  if (files !== undefined) {
    const named = filesIn(prompt);
    if (named.length === 0) return "no file is mentioned";
    const other = named.find((file) => !files.some((pattern) => globPattern(pattern).test(file)));
    if (other !== undefined) return `${other} is mentioned`;
  }
  return null;
}

/** `*` and `?` stay within a folder, `**` does not; a pattern without a folder means the name in any. */
function globPattern(glob: string): RegExp {
  const anywhere = glob.includes("/") ? glob : `**/${glob}`;
  const source = anywhere.replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}

/** Words with a number sign before them. */
function tagsOf(prompt: string): Set<string> {
  return new Set([...prompt.matchAll(/(?:^|\s)#([\w-]+)/g)].map(([, tag = ""]) => tag.toLowerCase()));
}

function wordsOf(prompt: string): Set<string> {
  return new Set(prompt.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? []);
}

/** Words that look like a file: with a folder before or an extension behind. */
export function filesIn(prompt: string): string[] {
  const words = prompt.match(/[\w@./-]+/g) ?? [];
  return words
    .map((word) => word.replace(/^\.\/|[.,]+$/g, ""))
    .filter((word) => /[\w-]\.[A-Za-z]\w{0,7}$|\w\/\w/.test(word) && !word.includes("//"));
}

const HARD = [
  "debug",
  "why",
  "investigate",
  "flaky",
  "race",
  "deadlock",
  "leak",
  "regression",
  "security",
  "design",
];
const EASY = ["typo", "rename", "comment", "format", "lint", "docs", "changelog", "bump"];
const SHORT_PROMPT = 200;
const LONG_PROMPT = 2000;

/** The effort for a task by plain rules, and the one that decided, in words. */
export function effortByRules(prompt: string): { effort: ReasoningEffort; reason: string } {
  const said = wordsOf(prompt);
  const hard = HARD.find((word) => said.has(word));
  if (hard !== undefined) return { effort: "high", reason: `the task says "${hard}"` };
  if (prompt.length > LONG_PROMPT)
    return { effort: "high", reason: `it is longer than ${LONG_PROMPT} characters` };
  const files = filesIn(prompt).length;
  const easy = EASY.find((word) => said.has(word));
  if (easy !== undefined && prompt.length <= SHORT_PROMPT && files <= 1) {
    return { effort: "low", reason: `it is short, says "${easy}" and names at most one file` };
  }
  return { effort: "medium", reason: "nothing speaks for another effort" };
}
