import type { Candidate } from "./candidates.ts";
import { around, type SyntaxNode, statementOf, walk } from "./source/tree.ts";
import { outermostFunction, textOf } from "./source/unit.ts";

/** The likeliest single edits of a file, and of a function, that are combined with one another. */
const LIKELIEST = 600;
const COMBINED = 120;
const MOST_PLACES = 6;
const ALIKE_PRIOR = 0.08;
const PAIR_PRIOR = 0.05;

/**
 * The same edit at every place of a function where the same stands, and at each two of them: a name that is wrong
 * throughout. `singles` come most promising first, of one file.
 */
export function alikeEdits(singles: readonly Candidate[]): Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const single of singles.slice(0, 3 * LIKELIEST)) {
    const old = textOf(single.unit, single);
    const home = outermostFunction(single.node);
    if (!/\S/.test(old) || home === null) continue;
    const key = JSON.stringify([home.start, old, single.text]);
    groups.set(key, [...(groups.get(key) ?? []), single]);
  }
  const repeated = [...groups.values()].filter(({ length }) => length > 1 && length <= MOST_PLACES);
  return repeated.flatMap((group) => {
    const twos = group.length === 2 ? [] : pairsOf(group);
    return [group, ...twos].flatMap(
      (places) => together(places, ALIKE_PRIOR, "several places are wrong alike") ?? [],
    );
  });
}

/**
 * Two different edits of related statements of one function, the likeliest `limit` of them. Statements are related when
 * they are neighbours, parts of one branch or loop, or share a variable.
 */
export function pairedEdits(singles: readonly Candidate[], limit: number): Candidate[] {
  const functions = new Map<SyntaxNode, Candidate[]>();
  for (const single of singles.slice(0, LIKELIEST)) {
    const home = outermostFunction(single.node);
    const known = home === null ? undefined : (functions.get(home) ?? []);
    if (home !== null && known !== undefined && known.length < COMBINED)
      functions.set(home, [...known, single]);
  }
  const related = new Map<string, boolean>();
  const pairs = [...functions.values()].flatMap(pairsOf).filter(([a, b]) => {
    const [left, right] = [statementOf(a.node), statementOf(b.node)];
    if (left === null || right === null || left === right) return false;
    if (a.text === b.text && textOf(a.unit, a) === textOf(b.unit, b)) return false; // is an alike edit
    const key = `${left.start} ${right.start}`;
    const answer = related.get(key) ?? areRelated(a.unit.text, left, right);
    related.set(key, answer);
    return answer;
  });
  const both = pairs.flatMap(
    (pair) =>
      together(pair, PAIR_PRIOR * Math.min(...pair.map(({ prior }) => prior)), "two places are wrong") ?? [],
  );
  return both.sort((a, b) => b.score - a.score).slice(0, limit);
}

function pairsOf(all: readonly Candidate[]): [Candidate, Candidate][] {
  return all.flatMap((a, at) => all.slice(at + 1).map((b): [Candidate, Candidate] => [a, b]));
}

/** Edits of several places as one of the text from the first to the last; null where they overlap. */
function together(edits: readonly Candidate[], prior: number, why: string): Candidate | null {
  const [first, ...others] = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  if (first === undefined) return null;
  const merged = { ...first, template: "two-places" as const, why };
  for (const next of others) {
    if (next.start <= merged.end) return null;
    merged.text += merged.unit.text.slice(merged.end, next.start) + next.text;
    merged.end = next.end;
    merged.score = Math.min(merged.score, next.score);
    merged.prior = Math.min(merged.prior, next.prior);
  }
  return { ...merged, prior: merged.prior * prior, score: merged.score * prior };
}

function areRelated(text: string, a: SyntaxNode, b: SyntaxNode): boolean {
  const branch = (node: SyntaxNode) =>
    around(node.parent, ({ role }) => /^(if|for|while|function)$/.test(role));
  if (a.parent === b.parent || branch(a) === b || branch(b) === a || branch(a) === branch(b)) return true;
  const names = (node: SyntaxNode) =>
    new Set(
      [...walk(node)].filter(({ role }) => role === "name").map(({ start, end }) => text.slice(start, end)),
    );
  const left = names(a);
  return [...names(b)].some((name) => left.has(name));
}
