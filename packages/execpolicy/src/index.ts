export { type AllowedVerdict, judgeAllowed } from "./allowed-commands.ts";
export {
  type ExecpolicyCheckInput,
  type ExecpolicyCheckOptions,
  type ExecpolicyCheckOutput,
  type ExecpolicyCheckResult,
  runExecpolicyCheck,
} from "./check-command.ts";
export { classify } from "./classify.ts";
export { assumeSystemPrograms, classifyJsonLines } from "./classify-lines.ts";
export type { CommandContext, Requirement, ResolvedProgram } from "./command-context.ts";
export { type Destruction, type DestructionKind, destructiveTargets } from "./destruction.ts";
export {
  literalText,
  type PlainCommand,
  type PlainOperator,
  type PlainRedirect,
  type PlainResult,
  type PlainWord,
  type PlainWordPart,
  wordText,
} from "./plain/plain-command.ts";
export { MAX_PLAIN_LENGTH, recognizePlain } from "./plain/recognize-plain.ts";
export { formatNetworkRule, formatPrefixRule } from "./rules/format-rule.ts";
export { parseRules } from "./rules/parse-rules.ts";
export {
  EMPTY_POLICY,
  type HostExecutable,
  joinPolicies,
  type MatchOptions,
  matchRules,
  type NetworkRule,
  type PrefixRule,
  type PrefixRuleMatch,
  type RuleDecision,
  type RulesPolicy,
  strictest,
} from "./rules/policy.ts";
export { proposeAmendment } from "./rules/propose-amendment.ts";
export { RulesError, type SourcePlace } from "./rules/rules-error.ts";
export { type StartedCommand, startedCommands } from "./started-commands.ts";
export type { Classification, JudgedPart, Verdict } from "./verdict.ts";
export { writtenPaths } from "./written-paths.ts";
