import type { Candidate } from "../candidates.ts";
import { tokenizeJavaScript } from "../source/javascript-tokens.ts";
import { tokenizePython } from "../source/python-tokens.ts";
import { outermostScope } from "../source/scopes.ts";
import type { Token } from "../source/token.ts";
import { applyEdit } from "./patch-text.ts";

/** Among edits that all pass, the one to make: likely, small, and leaving nothing of the function unused. */
export function bestOf(passing: readonly Candidate[]): Candidate | null {
  const marked = passing.map((candidate, order) => ({ candidate, order, value: worth(candidate) }));
  marked.sort((a, b) => b.value - a.value || a.order - b.order);
  return marked[0]?.candidate ?? null;
}

function worth(candidate: Candidate): number {
  const size = Math.abs(candidate.text.length - (candidate.end - candidate.start));
  return (candidate.score * (leavesUnused(candidate) ? 0.35 : 1)) / (1 + size * 0.01);
}

/** Whether a name that was used in the function is only mentioned once after the edit: assigned and never read. */
export function leavesUnused({ unit, start, end, text }: Candidate): boolean {
  const tokenize = unit.language === "python" ? tokenizePython : tokenizeJavaScript;
  const at = unit.tokens.findIndex((token) => token.end > start);
  const scope = outermostScope(unit.scopes, Math.max(0, at));
  if (scope === null) return false;
  const from = unit.tokens[scope.firstToken]?.start ?? 0;
  const to = Math.max(unit.tokens[scope.lastToken]?.end ?? unit.text.length, end);
  const before = countNames(tokenize(unit.text.slice(from, to)));
  const edited = applyEdit(unit.text, { start, end, text }).slice(from, to + text.length - (end - start));
  const after = countNames(tokenize(edited));
  for (const [name, count] of before)
    if (count > 1 && after.get(name) === 1 && name !== scope.name) return true;
  return false;
}

function countNames(tokens: readonly Token[]): Map<string, number> {
  const counts = new Map<string, number>();
  tokens.forEach((token, index) => {
    const attribute = tokens[index - 1]?.text === ".";
    if (token.kind === "name" && !attribute) counts.set(token.text, (counts.get(token.text) ?? 0) + 1);
  });
  return counts;
}
