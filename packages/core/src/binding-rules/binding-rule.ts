/** Where a rule stands. `line` counts from one. */
export interface RuleSource {
  file: string;
  line: number;
  /** The statement as written, without list marks, on one line. */
  text: string;
}

/** What must not stand in added lines. */
export interface BannedPattern {
  /** As the rule names it. */
  label: string;
  /** Source of a regular expression that is safe to run on any line. */
  source: string;
  /** `code`: comments and the contents of strings do not count, and only files of programs do. */
  over: "code" | "text";
  /** Endings of the files it is about, without the dot; null: all. */
  extensions: readonly string[] | null;
}

/** What is checked. Paths are patterns relative to the folder of the rule's file; see `matchesPath`. */
export type RuleCheck =
  | { kind: "only_paths"; paths: readonly string[] }
  /** `byHand`: only patches are meant; a generator may write there. */
  | { kind: "never_paths"; paths: readonly string[]; byHand: boolean }
  | { kind: "run_command"; command: string }
  | { kind: "never_command"; command: string }
  | { kind: "ban_pattern"; pattern: BannedPattern; inside: readonly string[]; except: readonly string[] }
  | { kind: "no_dependency_changes" }
  /** `source` is a regular expression for the first line of a message; `label` says it in words. */
  | { kind: "commit_format"; label: string; source: string }
  /** Empty lists: programs, and what usually holds tests. */
  | { kind: "tests_accompany"; sources: readonly string[]; tests: readonly string[] };

export type RuleKind = RuleCheck["kind"];

/** A statement that is enforced. */
export interface BindingRule {
  source: RuleSource;
  /** The folder it holds in, with everything below: that of its file, or the project's for the user's own file. */
  root: string;
  check: RuleCheck;
}

/** What became of one statement of an AGENTS.md. `partly`: some of it is enforced. `invalid`: in a rules block. */
export interface ReadStatement extends RuleSource {
  standing: "enforced" | "partly" | "prose" | "invalid";
  /** Why it is not enforced, as a phrase; empty where it is. */
  why: string;
}

/** Everything that the AGENTS.md files of a place say, and which of it binds. */
export interface RuleBook {
  rules: readonly BindingRule[];
  statements: readonly ReadStatement[];
}

/** A rule as messages cite it: file, line and its own words. */
export function citeRule({ source }: BindingRule): string {
  return `${source.file}:${source.line} says: ${source.text}`;
}
