import { bannedWord, safePattern } from "./banned-pattern.ts";
import type { RuleCheck } from "./binding-rule.ts";
import { conventionalFormat } from "./commit-format.ts";
import { isPathPattern } from "./path-pattern.ts";

export type BlockLine = { kind: "check"; check: RuleCheck } | { kind: "invalid"; why: string };

/** One line of a `quire-rules` block; null for an empty line or a comment. The forms: docs/agents-md.md. */
export function readRulesLine(line: string): BlockLine | null {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return null;
  const [verb = "", ...words] = text.split(/\s+/);
  const rest = text.slice(verb.length).trim();
  switch (verb) {
    case "only-paths":
      return withPaths(words, (paths) => ({ kind: "only_paths", paths }));
    case "never-paths":
      return withPaths(words, (paths) => ({ kind: "never_paths", paths, byHand: false }));
    case "run":
      return rest === "" ? invalid("a command is missing") : check({ kind: "run_command", command: rest });
    case "never-run":
      return rest === "" ? invalid("a command is missing") : check({ kind: "never_command", command: rest });
    case "no-dependency-changes":
      return rest === "" ? check({ kind: "no_dependency_changes" }) : invalid("it takes no words");
    case "commit-format":
      return commitFormat(rest);
    case "tests":
      return testsLine(rest);
    case "ban":
      return banLine(rest);
    default:
      return invalid(`there is no rule ${JSON.stringify(verb)}`);
  }
}

function check(found: RuleCheck): BlockLine {
  return { kind: "check", check: found };
}

function invalid(why: string): BlockLine {
  return { kind: "invalid", why };
}

function withPaths(words: readonly string[], make: (paths: string[]) => RuleCheck): BlockLine {
  const problem = pathProblem(words);
  return problem === null ? check(make([...words])) : invalid(problem);
}

function pathProblem(words: readonly string[]): string | null {
  if (words.length === 0) return "a path is missing";
  const wrong = words.find((word) => !isPathPattern(word));
  return wrong === undefined ? null : `${JSON.stringify(wrong)} is not a path inside this folder`;
}

function commitFormat(rest: string): BlockLine {
  const [name, ...types] = rest.split(/\s+/);
  if (name === "conventional") {
    if (!types.every((type) => /^[a-z]{2,20}$/.test(type))) return invalid("types are lower-case words");
    return check({ kind: "commit_format", ...conventionalFormat(types) });
  }
  const source = /^\/(.+)\/$/.exec(rest)?.[1];
  if (source === undefined) return invalid("say conventional, or /a regular expression/");
  const safe = safePattern(source);
  return safe.ok ? check({ kind: "commit_format", label: `/${source}/`, source }) : invalid(safe.why);
}

function testsLine(rest: string): BlockLine {
  const [from = "", to] = rest.split("->").map((side) => side.trim());
  const sources = from.split(/\s+/).filter((word) => word !== "");
  const tests = (to ?? "").split(/\s+/).filter((word) => word !== "");
  const problem =
    to === undefined ? "say: tests SOURCES -> TESTS" : (pathProblem(sources) ?? pathProblem(tests));
  return problem === null ? check({ kind: "tests_accompany", sources, tests }) : invalid(problem);
}

/** `ban "console.log" in src/** except src/cli/**`, or `ban /regex/ …`. */
function banLine(rest: string): BlockLine {
  const parts =
    /^(?:\/(?<regex>.+)\/|"(?<quoted>[^"]+)"|(?<word>\S+))(?: in (?<inside>.+?))?(?: except (?<except>.+))?$/.exec(
      rest,
    );
  if (!parts?.groups) return invalid("say: ban PATTERN in PATHS except PATHS");
  const { regex, quoted, word, inside = "", except = "" } = parts.groups;
  const where = inside.split(/\s+/).filter((path) => path !== "");
  const not = except.split(/\s+/).filter((path) => path !== "");
  const problem =
    (where.length > 0 ? pathProblem(where) : null) ?? (not.length > 0 ? pathProblem(not) : null);
  if (problem !== null) return invalid(problem);
  if (regex !== undefined) {
    const safe = safePattern(regex);
    if (!safe.ok) return invalid(safe.why);
    return check({ kind: "ban_pattern", pattern: safe.pattern, inside: where, except: not });
  }
  const pattern = bannedWord(quoted ?? word ?? "", true);
  if (!pattern) return invalid(`${JSON.stringify(quoted ?? word)} is too short to look for`);
  return check({ kind: "ban_pattern", pattern, inside: where, except: not });
}
