import type { ReasoningEffort } from "@quire/protocol";
import type { RoutingRule } from "./routing-file.ts";

/** What rules can look at. */
export interface Task {
  prompt: string;
  /** "turn" for the user's own, else the role of the agent: "review", "explorer". */
  role: string;
  /** The size of the repository; null where no rule asks. */
  repository: RepositorySize | null;
}

/** How many files git knows. `atLeast`: it has more than were counted. */
export type RepositorySize =
  | { kind: "counted"; files: number }
  | { kind: "atLeast"; files: number }
  | { kind: "unknown"; why: string };

export interface RuleVerdict {
  rule: RoutingRule;
  kind: "decides" | "does not fit" | "not reached";
  /** Why, in words: the condition that does not hold, or those that do. */
  why: string;
}

export interface RouteDecision {
  /** The rule that decided, or null. */
  rule: RoutingRule | null;
  /** Of every rule, in order. */
  verdicts: RuleVerdict[];
}

/** The first rule of which every condition holds decides. */
export function routeTask(task: Task, rules: readonly RoutingRule[]): RouteDecision {
  const verdicts: RuleVerdict[] = [];
  let decided: RoutingRule | null = null;
  for (const rule of rules) {
    if (decided !== null) {
      verdicts.push({ rule, kind: "not reached", why: `rule "${decided.name}" comes first` });
      continue;
    }
    const conditions = CONDITIONS.map((condition) => condition(rule, task)).filter((one) => one !== null);
    const against = conditions.find(({ holds }) => !holds);
    if (against === undefined) decided = rule;
    verdicts.push(
      against === undefined
        ? {
            rule,
            kind: "decides",
            why: conditions.map(({ words }) => words).join("; ") || "it fits every task",
          }
        : { rule, kind: "does not fit", why: against.words },
    );
  }
  return { rule: decided, verdicts };
}

/** Whether a rule looks at the size of the repository, which has to be counted for it. */
export function looksAtRepository({ min_repo_files: least, max_repo_files: most }: RoutingRule): boolean {
  return least !== undefined || most !== undefined;
}

/** What a condition comes to; null where the rule does not have it. */
type Condition = (rule: RoutingRule, task: Task) => { holds: boolean; words: string } | null;

const CONDITIONS: readonly Condition[] = [
  ({ roles }, { role }) =>
    roles === undefined ? null : { holds: roles.includes(role), words: `the role is ${role}` },
  ({ min_prompt_chars: least, max_prompt_chars: most }, { prompt: { length } }) =>
    least === undefined && most === undefined
      ? null
      : {
          holds: length >= (least ?? 0) && length <= (most ?? length),
          words: `the prompt has ${length} characters${boundsText(least, most)}`,
        },
  ({ tags }, { prompt }) => {
    if (tags === undefined) return null;
    const given = tagsOf(prompt);
    const found = tags.find((tag) => given.has(tag.toLowerCase()));
    return {
      holds: found !== undefined,
      words: found === undefined ? `no tag #${tags.join(", #")}` : `#${found}`,
    };
  },
  ({ words }, { prompt }) => {
    if (words === undefined) return null;
    const said = wordsOf(prompt);
    const found = words.find((word) => said.has(word.toLowerCase()));
    return found === undefined
      ? { holds: false, words: `none of the words ${words.join(", ")}` }
      : { holds: true, words: `the task says "${found}"` };
  },
  ({ files }, { prompt }) => {
    if (files === undefined) return null;
    const named = filesIn(prompt);
    if (named.length === 0) return { holds: false, words: "no file is mentioned" };
    const other = named.find((file) => !files.some((pattern) => globPattern(pattern).test(file)));
    return other === undefined
      ? { holds: true, words: `all mentioned files fit ${files.join(", ")}` }
      : { holds: false, words: `${other} is mentioned` };
  },
  (rule, { repository }) => {
    const { min_repo_files: least, max_repo_files: most } = rule;
    if (!looksAtRepository(rule)) return null;
    if (repository === null || repository.kind === "unknown") {
      return {
        holds: false,
        words: `the size of the repository is unknown: ${repository?.why ?? "not counted"}`,
      };
    }
    const { files } = repository;
    const more = repository.kind === "atLeast";
    const fits = files >= (least ?? 0) && (more ? most === undefined : files <= (most ?? files));
    const counted = more ? `more than ${files}` : `${files}`;
    return { holds: fits, words: `the repository has ${counted} files${boundsText(least, most)}` };
  },
];

function boundsText(least: number | undefined, most: number | undefined): string {
  const bounds = [
    ...(least === undefined ? [] : [`at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
  return `, wanted are ${bounds.join(" and ")}`;
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
function filesIn(prompt: string): string[] {
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

/** What `effortByRules` does, in words and in its order. */
export const EFFORT_RULES: readonly string[] = [
  `high    the task says one of: ${HARD.join(", ")}`,
  `high    it is longer than ${LONG_PROMPT} characters`,
  `low     it has at most ${SHORT_PROMPT} characters, names at most one file and says one of: ${EASY.join(", ")}`,
  "medium  otherwise",
];

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
