/** What a rule says about a command. Later in this list is stricter. */
export type RuleDecision = "allow" | "prompt" | "forbidden";

/** A rule that matches commands by their first tokens. */
export interface PrefixRule {
  /** One entry per token; an entry with several texts matches any of them. */
  pattern: readonly (readonly string[])[];
  decision: RuleDecision;
  justification?: string;
}

/** Absolute paths that count as the program of a bare name. */
export interface HostExecutable {
  name: string;
  paths: readonly string[];
}

/** A rule about a network host, kept for the network proxy; it plays no part in judging commands. */
export interface NetworkRule {
  host: string;
  protocol: string;
  decision: RuleDecision;
  justification?: string;
}

/** The content of one or more `.rules` files, in order. */
export interface RulesPolicy {
  prefixRules: readonly PrefixRule[];
  hostExecutables: readonly HostExecutable[];
  networkRules: readonly NetworkRule[];
}

/** One rule that matched, in the field order of the JSON output. */
export interface PrefixRuleMatch {
  matchedPrefix: string[];
  decision: RuleDecision;
  resolvedProgram?: string;
  justification?: string;
}

const STRICTNESS: Readonly<Record<RuleDecision, number>> = { allow: 0, prompt: 1, forbidden: 2 };

export const EMPTY_POLICY: RulesPolicy = { prefixRules: [], hostExecutables: [], networkRules: [] };

/** Puts policies behind each other; host executables of a later one replace those of the same name. */
export function joinPolicies(policies: readonly RulesPolicy[]): RulesPolicy {
  return {
    prefixRules: policies.flatMap((policy) => policy.prefixRules),
    hostExecutables: policies.flatMap((policy) => policy.hostExecutables),
    networkRules: policies.flatMap((policy) => policy.networkRules),
  };
}

/** The stricter of several decisions; undefined when there is none. */
export function strictest(decisions: Iterable<RuleDecision>): RuleDecision | undefined {
  let found: RuleDecision | undefined;
  for (const decision of decisions) {
    if (found === undefined || STRICTNESS[decision] > STRICTNESS[found]) found = decision;
  }
  return found;
}

export interface MatchOptions {
  /**
   * Absolute path of the program, when a rule for its base name should apply to it. Used only when no rule names
   * the program as written; gated by `host_executable` where the policy has one for that name.
   */
  resolvedProgram?: string;
}

/** Every rule that matches a command, in file order. Compares tokens, never text. */
export function matchRules(
  policy: RulesPolicy,
  argv: readonly string[],
  options: MatchOptions = {},
): PrefixRuleMatch[] {
  const direct = policy.prefixRules.flatMap((rule) => matchOne(rule, argv));
  const { resolvedProgram } = options;
  if (direct.length > 0 || resolvedProgram === undefined) return direct;
  const name = resolvedProgram.slice(resolvedProgram.lastIndexOf("/") + 1);
  const host = policy.hostExecutables.filter((each) => each.name === name).at(-1);
  if (host && !host.paths.includes(resolvedProgram)) return [];
  const named = [name, ...argv.slice(1)];
  return policy.prefixRules.flatMap((rule) =>
    matchOne(rule, named).map((match) => withProgram(match, resolvedProgram)),
  );
}

function matchOne(rule: PrefixRule, argv: readonly string[]): PrefixRuleMatch[] {
  if (rule.pattern.length > argv.length) return [];
  const fits = rule.pattern.every((alternatives, index) => alternatives.includes(argv[index] ?? ""));
  if (!fits) return [];
  const match: PrefixRuleMatch = {
    matchedPrefix: argv.slice(0, rule.pattern.length),
    decision: rule.decision,
  };
  if (rule.justification !== undefined) match.justification = rule.justification;
  return [match];
}

function withProgram(match: PrefixRuleMatch, resolvedProgram: string): PrefixRuleMatch {
  const { matchedPrefix, decision, justification } = match;
  return {
    matchedPrefix,
    decision,
    resolvedProgram,
    ...(justification === undefined ? {} : { justification }),
  };
}
