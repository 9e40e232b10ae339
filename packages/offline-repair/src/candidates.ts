import { alikeEdits, pairedEdits } from "./pairs.ts";
import { type SyntaxNode, statementOf, walk } from "./source/tree.ts";
import { outermostFunction, type SourceUnit } from "./source/unit.ts";
import type { Suspicion } from "./suspicion.ts";
import { TEMPLATES } from "./templates/catalogue.ts";
import { Ingredients } from "./templates/ingredients.ts";
import type { Edit } from "./templates/template.ts";

/** An edit at a place, with the score that decides when it is tried. */
export interface Candidate extends Edit {
  unit: SourceUnit;
  /** What the edit was proposed for. */
  node: SyntaxNode;
  /** Line of the file, counted from 1. */
  line: number;
  suspicion: number;
  score: number;
}

/** A source text with what is known of its lines. */
export interface SuspectUnit {
  unit: SourceUnit;
  suspicion: Suspicion;
}

/** Pairs of edits are tried when all else failed. */
const MOST_PAIRS = 2500;

/**
 * Every candidate for the suspicious lines, most promising first, at most `limit`: single edits and the same edit at
 * several places, then pairs of edits. Two edits with the same outcome are one candidate. The order depends on nothing
 * but the texts and the scores.
 */
export function rankCandidates(suspects: readonly SuspectUnit[], limit: number): Candidate[] {
  const files = suspects.map((suspect) => {
    const first = distinct(likeliest(candidatesOf(suspect), 2 * limit));
    const singles = [...first.values()].sort(byScore);
    distinct(alikeEdits(singles), first);
    const later = [...distinct(pairedEdits(singles, MOST_PAIRS))].filter(([key]) => !first.has(key));
    return { first: [...first.values()], later: later.map(([, pair]) => pair) };
  });
  const ranked = files.flatMap(({ first }) => first).sort(byScore);
  const pairs = files.flatMap(({ later }) => later).sort(byScore);
  const most = Math.min(pairs.length, MOST_PAIRS, Math.floor(limit / 4));
  return [...ranked.slice(0, limit - most), ...pairs.slice(0, most)];
}

/** About as many as wanted of the best scores: to compare the outcomes of all edits of a large file would take a second. */
function likeliest(candidates: Iterable<Candidate>, most: number): Candidate[] {
  const all = [...candidates];
  const least = Float64Array.from(all, ({ score }) => score).sort()[all.length - most] ?? 0;
  return all.filter(({ score }) => score >= least);
}

/** Puts the likeliest of the edits with each outcome into a map, by that, without those that leave the text as it is. */
function distinct(candidates: Iterable<Candidate>, best = new Map<string, Candidate>()) {
  for (const candidate of candidates) {
    const key = outcomeKey(candidate);
    if (key === null) continue;
    const known = best.get(key);
    if (known === undefined || known.score < candidate.score) best.set(key, candidate);
  }
  return best;
}

function byScore(a: Candidate, b: Candidate): number {
  return (
    b.score - a.score ||
    (a.unit.path < b.unit.path ? -1 : a.unit.path > b.unit.path ? 1 : 0) ||
    a.start - b.start ||
    a.end - b.end ||
    (a.text < b.text ? -1 : 1)
  );
}

/**
 * The edit without what it shares with the old text at both ends, so that equal outcomes have equal keys; null when
 * nothing is left, as of a pair whose edits undo each other.
 */
function outcomeKey({ unit, start, end, text }: Candidate): string | null {
  let [from, to, head, tail] = [start, end, 0, text.length];
  while (from < to && head < tail && unit.text[from] === text[head]) {
    from += 1;
    head += 1;
  }
  while (to > from && tail > head && unit.text[to - 1] === text[tail - 1]) {
    to -= 1;
    tail -= 1;
  }
  return from === to && head === tail ? null : `${from}:${to}:${text.slice(head, tail)}`;
}

/** Less likely kinds of edits are too many to be tried. */
const LEAST_PRIOR = 0.015;

function* candidatesOf({ unit, suspicion }: SuspectUnit): Iterable<Candidate> {
  const pools = new Map<SyntaxNode | null, Ingredients>();
  const poolFor = (node: SyntaxNode) => {
    const home = outermostFunction(node);
    const pool = pools.get(home) ?? new Ingredients(unit, home);
    pools.set(home, pool);
    return pool;
  };
  const at = (node: SyntaxNode | null) =>
    node === null ? 0 : (suspicion.get(unit.firstLine + node.line) ?? 0);
  for (const node of walk(unit.root)) {
    // Coverage names the first line of a statement; the lines that continue it inherit its score.
    const suspicionHere = Math.max(at(node), at(statementOf(node)));
    if (suspicionHere <= 0) continue;
    const site = { unit, node, pool: poolFor(node) };
    const line = unit.firstLine + node.line;
    for (const family of TEMPLATES)
      for (const { template, start, end, text, prior, why } of family(site)) {
        if (prior < LEAST_PRIOR) continue;
        const score = scoreOf(prior, suspicionHere);
        // Spelt out: a spread costs more than all templates.
        yield { template, start, end, text, prior, why, unit, node, line, suspicion: suspicionHere, score };
      }
  }
}

/** Suspiciousness counts more than linearly: a line that only failing runs reach is far likelier than its neighbours. */
export function scoreOf(prior: number, suspicion: number): number {
  return prior * (0.05 + suspicion ** 2);
}
