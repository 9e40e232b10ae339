import { joinPath, normalizePath } from "./lexical-path.ts";
import { parseRules } from "./rules/parse-rules.ts";
import {
  joinPolicies,
  matchRules,
  type PrefixRuleMatch,
  type RuleDecision,
  strictest,
} from "./rules/policy.ts";
import { RulesError } from "./rules/rules-error.ts";

export interface ExecpolicyCheckOptions {
  /** Rules files in the order given. At least one. */
  rules: readonly string[];
  command: readonly string[];
  pretty?: boolean;
  /** Let an absolute or relative program path match rules for its base name. */
  resolveHostExecutables?: boolean;
}

export interface ExecpolicyCheckInput {
  cwd: string;
  /** Reads a whole text file. Throws when that fails; the error's message is shown. */
  readText(path: string): string | Promise<string>;
}

/** What a process would print and answer. Texts end with a newline or are empty. */
export interface ExecpolicyCheckOutput {
  stdout: string;
  stderr: string;
  exitCode: 0 | 1 | 2;
}

/** The JSON on standard output; `decision` is absent when no rule matches. */
export interface ExecpolicyCheckResult {
  matchedRules: { prefixRuleMatch: PrefixRuleMatch }[];
  decision?: RuleDecision;
}

/** The command `execpolicy check`: which rules match this command, and what they decide together. */
export async function runExecpolicyCheck(
  options: ExecpolicyCheckOptions,
  input: ExecpolicyCheckInput,
): Promise<ExecpolicyCheckOutput> {
  const { rules, command } = options;
  if (rules.length === 0) return usageError("--rules <PATH>");
  if (command.length === 0) return usageError("<COMMAND>...");
  const policies = [];
  for (const path of rules) {
    let text: string;
    try {
      text = await input.readText(path);
    } catch (error) {
      return failure(
        `failed to read policy at ${path}`,
        error instanceof Error ? error.message : String(error),
      );
    }
    try {
      policies.push(parseRules(text, path));
    } catch (error) {
      if (error instanceof RulesError) return failure(`failed to parse policy at ${path}`, error.message);
      throw error;
    }
  }
  const resolved =
    options.resolveHostExecutables === true ? resolveProgram(command[0] ?? "", input.cwd) : undefined;
  const matches = matchRules(
    joinPolicies(policies),
    command,
    resolved === undefined ? {} : { resolvedProgram: resolved },
  );
  const decision = strictest(matches.map((match) => match.decision));
  const result: ExecpolicyCheckResult = {
    matchedRules: matches.map((prefixRuleMatch) => ({ prefixRuleMatch })),
  };
  if (decision !== undefined) result.decision = decision;
  const stdout = `${JSON.stringify(result, null, options.pretty === true ? 2 : undefined)}\n`;
  return { stdout, stderr: "", exitCode: 0 };
}

/** Bare names stay as they are: only a path says which program is meant. */
function resolveProgram(program: string, cwd: string): string | undefined {
  return program.includes("/") ? normalizePath(joinPath(cwd, program)) : undefined;
}

function failure(problem: string, cause: string): ExecpolicyCheckOutput {
  return { stdout: "", stderr: `Error: ${problem}\n\nCaused by:\n    ${cause}\n`, exitCode: 1 };
}

function usageError(missing: string): ExecpolicyCheckOutput {
  const usage = "Usage: execpolicy check --rules <PATH> <COMMAND>...";
  return {
    stdout: "",
    stderr: `error: the following required arguments were not provided:\n  ${missing}\n\n${usage}\n\nFor more information, try '--help'.\n`,
    exitCode: 2,
  };
}
