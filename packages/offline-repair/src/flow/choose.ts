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
  const doubts = (leavesUnused(candidate) ? 0.35 : 1) * (becomesConstant(candidate) ? 0.25 : 1);
  return (candidate.score * doubts) / (1 + size * 0.01);
}

/** Whether a name that was used in the function is only mentioned once after the edit: assigned and never read. */
export function leavesUnused(candidate: Candidate): boolean {
  const around = functionAround(candidate);
  if (around === null) return false;
  const after = countNames(around.after);
  for (const [name, count] of countNames(around.before))
    if (count > 1 && after.get(name) === 1 && name !== around.name) return true;
  return false;
}

/** Whether all returns of the function are one and the same word after the edit, and were not before. */
export function becomesConstant(candidate: Candidate): boolean {
  const around = functionAround(candidate);
  if (around === null) return false;
  const after = returnedWords(around.after);
  return after.length > 1 && new Set(after).size === 1 && new Set(returnedWords(around.before)).size > 1;
}

/** What stands behind each `return`; an expression of several tokens counts as itself. */
function returnedWords(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) => {
    if (token.text !== "return") return [];
    const value = tokens[index + 1];
    const simple = value?.kind === "keyword" || value?.kind === "number" || value?.kind === "string";
    const next = tokens[index + 2];
    const alone = next === undefined || next.line !== value?.line || next.text === ";";
    return [simple && alone ? value.text : `expression ${index}`];
  });
}

/** The tokens of the outermost function around an edit, before and after it. */
function functionAround({ unit, start, end, text }: Candidate) {
  const tokenize = unit.language === "python" ? tokenizePython : tokenizeJavaScript;
  const at = unit.tokens.findIndex((token) => token.end > start);
  const scope = outermostScope(unit.scopes, Math.max(0, at));
  if (scope === null) return null;
  const from = unit.tokens[scope.firstToken]?.start ?? 0;
  const to = Math.max(unit.tokens[scope.lastToken]?.end ?? unit.text.length, end);
  const edited = applyEdit(unit.text, { start, end, text }).slice(from, to + text.length - (end - start));
  return { name: scope.name, before: tokenize(unit.text.slice(from, to)), after: tokenize(edited) };
}

function countNames(tokens: readonly Token[]): Map<string, number> {
  const counts = new Map<string, number>();
  tokens.forEach((token, index) => {
    const attribute = tokens[index - 1]?.text === ".";
    if (token.kind === "name" && !attribute) counts.set(token.text, (counts.get(token.text) ?? 0) + 1);
  });
  return counts;
}
