import { innermostScope, outermostScope, type Scope } from "./source/scopes.ts";
import type { SourceUnit } from "./source/unit.ts";
import type { Suspicion } from "./suspicion.ts";
import { LINE_TEMPLATES, TOKEN_TEMPLATES } from "./templates/catalogue.ts";
import { collectIngredients, type Ingredients } from "./templates/ingredients.ts";
import type { Proposal } from "./templates/template.ts";

/** A proposal at a place, with the score that decides when it is tried. */
export interface Candidate extends Proposal {
  unit: SourceUnit;
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

/**
 * Every candidate for the suspicious lines, most promising first, at most `limit`. Two proposals with the same outcome
 * are one candidate. The order depends on nothing but the texts and the scores.
 */
export function rankCandidates(suspects: readonly SuspectUnit[], limit: number): Candidate[] {
  const ranked: Candidate[] = [];
  for (const suspect of suspects) {
    const best = new Map<string, Candidate>();
    for (const candidate of candidatesOf(suspect)) {
      const key = outcomeKey(candidate);
      const known = best.get(key);
      if (known === undefined || known.score < candidate.score) best.set(key, candidate);
    }
    for (const candidate of best.values()) ranked.push(candidate);
  }
  return ranked.sort(byScore).slice(0, limit);
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

/** The edit without what it shares with the old text at both ends, so that equal outcomes have equal keys. */
function outcomeKey({ unit, start, end, text }: Proposal & { unit: SourceUnit }): string {
  let [from, to, head, tail] = [start, end, 0, text.length];
  while (from < to && head < tail && unit.text[from] === text[head]) {
    from += 1;
    head += 1;
  }
  while (to > from && tail > head && unit.text[to - 1] === text[tail - 1]) {
    to -= 1;
    tail -= 1;
  }
  return `${from}:${to}:${text.slice(head, tail)}`;
}

function* candidatesOf({ unit, suspicion }: SuspectUnit): Iterable<Candidate> {
  const pools = new Map<Scope | null, Ingredients>();
  const poolFor = (token: number) => {
    const scope = outermostScope(unit.scopes, token);
    const pool = pools.get(scope) ?? collectIngredients(unit, scope);
    pools.set(scope, pool);
    return pool;
  };
  const scores = spreadOverStatements(unit, suspicion);
  for (const [number, line] of unit.lines.entries()) {
    const score = scores[number] ?? 0;
    if (score <= 0 || line.firstToken === line.tokensEnd || isSkipped(unit, number)) continue;
    const seal = (proposal: Proposal): Candidate | null => seen(unit, number, score, proposal);
    const scope = innermostScope(unit.scopes, line.firstToken);
    const pool = poolFor(line.firstToken);
    for (const template of LINE_TEMPLATES)
      for (const proposal of template({ unit, line: number, scope, pool })) {
        const candidate = seal(proposal);
        if (candidate !== null) yield candidate;
      }
    for (let index = line.firstToken; index < line.tokensEnd; index++)
      for (const template of TOKEN_TEMPLATES)
        for (const proposal of template({ unit, index, scope, pool })) {
          const candidate = seal(proposal);
          if (candidate !== null) yield candidate;
        }
  }
}

function seen(unit: SourceUnit, number: number, suspicion: number, proposal: Proposal): Candidate | null {
  if (unit.text.slice(proposal.start, proposal.end) === proposal.text) return null;
  const { template, start, end, text, prior, why } = proposal; // spelt out: a spread costs more than all templates
  const score = scoreOf(prior, suspicion);
  return { template, start, end, text, prior, why, unit, line: unit.firstLine + number, suspicion, score };
}

/** Suspiciousness counts more than linearly: a line that only failing runs reach is far likelier than its neighbours. */
export function scoreOf(prior: number, suspicion: number): number {
  return prior * (0.05 + suspicion ** 2);
}

/** Coverage names the first line of a statement; the lines that continue it inherit its score. */
function spreadOverStatements(unit: SourceUnit, suspicion: Suspicion): number[] {
  const scores = unit.lines.map((_, number) => suspicion.get(unit.firstLine + number) ?? 0);
  for (const [index, token] of unit.tokens.entries()) {
    const partner = unit.partner[index] ?? -1;
    if (partner <= index || (token.text === "{" && unit.language !== "python")) continue;
    const from = scores[token.line] ?? 0;
    for (let line = token.line + 1; line <= (unit.tokens[partner]?.line ?? 0); line++)
      scores[line] = Math.max(scores[line] ?? 0, from);
  }
  return scores;
}

/** Imports and type declarations: edits there are hardly ever the fix and cost a run each. */
function isSkipped(unit: SourceUnit, number: number): boolean {
  const line = unit.lines[number];
  const head = unit.tokens[line?.firstToken ?? 0]?.text ?? "";
  const next = unit.tokens[(line?.firstToken ?? 0) + 1]?.text ?? "";
  if (unit.language === "python") return head === "import" || head === "from" || head === "@";
  if (head === "import" || head === "interface" || (head === "type" && next !== "=")) return true;
  return head === "export" && ["type", "interface", "*", "{"].includes(next);
}
