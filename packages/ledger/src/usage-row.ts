import type { LedgerEntry } from "./ledger-entry.ts";

/** What a usage report can be grouped by. */
export const DIMENSIONS = [
  "day",
  "model",
  "project",
  "thread",
  "agent",
  "tool",
  "provider",
  "purpose",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Requests added up. `usd` is the known part; `unpriced` counts the requests it leaves out. */
export interface UsageSum {
  requests: number;
  failed: number;
  /** Requests of which the endpoint gave no counts although a model may have worked on them. */
  uncounted: number;
  in: number;
  cached: number;
  written: number;
  out: number;
  reasoning: number;
  usd: number;
  unpriced: number;
  /** Input that the uncounted requests were expected to have. */
  uncountedIn: number;
  /** What the unpriced requests cost at most, as far as that could be said. */
  atMostUsd: number;
}

/** One group of requests that are alike in every dimension. */
export interface UsageRow extends UsageSum {
  keys: Readonly<Record<Dimension, string>>;
}

export function emptySum(): UsageSum {
  return {
    requests: 0,
    failed: 0,
    uncounted: 0,
    in: 0,
    cached: 0,
    written: 0,
    out: 0,
    reasoning: 0,
    usd: 0,
    unpriced: 0,
    uncountedIn: 0,
    atMostUsd: 0,
  };
}

export function addEntry(sum: UsageSum, entry: LedgerEntry): void {
  sum.requests += 1;
  if (entry.failed !== null) sum.failed += 1;
  if (entry.usage === null) {
    if (entry.cost !== null) {
      sum.uncounted += 1;
      sum.uncountedIn += entry.estimate?.in ?? 0;
    }
  } else {
    sum.in += entry.usage.in;
    sum.cached += entry.usage.cached;
    sum.written += entry.usage.written;
    sum.out += entry.usage.out;
    sum.reasoning += entry.usage.reasoning;
  }
  if (entry.cost === null) return;
  if ("usd" in entry.cost) sum.usd += entry.cost.usd;
  else {
    sum.unpriced += 1;
    sum.atMostUsd += entry.at_most ?? 0;
  }
}

export function addSum(sum: UsageSum, more: UsageSum): void {
  for (const key of SUM_FIELDS) sum[key] += more[key];
}

export const SUM_FIELDS = [
  "requests",
  "failed",
  "uncounted",
  "in",
  "cached",
  "written",
  "out",
  "reasoning",
  "usd",
  "unpriced",
  "uncountedIn",
  "atMostUsd",
] as const satisfies readonly (keyof UsageSum)[];

/** Requests that answer a person have no tool. */
export const NO_TOOL = "(the user)";

export function keysOf(
  entry: Pick<LedgerEntry, Exclude<Dimension, "day">>,
  day: string,
): Record<Dimension, string> {
  const { model, project, thread, agent, tool, provider, purpose } = entry;
  return { day, model, project, thread, agent, tool: tool ?? NO_TOOL, provider, purpose };
}
