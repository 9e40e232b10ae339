/**
 * The part of this package that deals with rules files only, as `@quire/execpolicy/rules`: a program that reads rules at
 * its start does not load the classifier with them.
 */
export { formatNetworkRule, formatPrefixRule } from "./rules/format-rule.ts";
export { parseRules } from "./rules/parse-rules.ts";
export { EMPTY_POLICY, joinPolicies, type RulesPolicy } from "./rules/policy.ts";
export { RulesError } from "./rules/rules-error.ts";
