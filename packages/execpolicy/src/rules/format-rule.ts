import type { RuleDecision } from "./policy.ts";

/**
 * One line for a `.rules` file that makes `decision` the answer for every command that begins with `tokens`. The
 * line ends without a newline.
 */
export function formatPrefixRule(
  tokens: readonly string[],
  decision: RuleDecision,
  justification?: string,
): string {
  if (tokens.length === 0)
    throw new RangeError("a prefix rule needs at least one token; pass the program name");
  const parts = [`pattern=[${tokens.map(quote).join(", ")}]`, `decision=${quote(decision)}`];
  if (justification !== undefined && justification.trim() !== "")
    parts.push(`justification=${quote(justification)}`);
  return `prefix_rule(${parts.join(", ")})`;
}

/** One line for a `.rules` file about a host, whatever the protocol: the format wants one to be named. */
export function formatNetworkRule(host: string, verdict: "allow" | "deny", justification: string): string {
  const parts = [`host=${quote(host)}`, 'protocol="https"', `decision=${quote(verdict)}`];
  return `network_rule(${parts.join(", ")}, justification=${quote(justification)})`;
}

/** JSON strings are strings here too, but for lone escapes such as `\/`, which JSON.stringify never writes. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
