import { addSum, type Dimension, emptySum, type UsageRow, type UsageSum } from "./usage-row.ts";

/** One line of a report. */
export interface UsageGroup extends UsageSum {
  key: string;
}

export interface UsageReport {
  groups: UsageGroup[];
  total: UsageSum;
}

/** Adds rows up by one dimension, days both included. Days come in order, everything else dearest first. */
export function groupUsage(
  rows: readonly UsageRow[],
  by: Dimension,
  days: { since: string | null; until: string | null } = { since: null, until: null },
): UsageReport {
  const groups = new Map<string, UsageGroup>();
  const total = emptySum();
  for (const row of rows) {
    if (days.since !== null && row.keys.day < days.since) continue;
    if (days.until !== null && row.keys.day > days.until) continue;
    const key = row.keys[by];
    let group = groups.get(key);
    if (group === undefined) {
      group = { key, ...emptySum() };
      groups.set(key, group);
    }
    addSum(group, row);
    addSum(total, row);
  }
  return { groups: [...groups.values()].sort(by === "day" ? byKey : byWeight), total };
}

function byKey(a: UsageGroup, b: UsageGroup): number {
  return a.key < b.key ? -1 : 1;
}

function byWeight(a: UsageGroup, b: UsageGroup): number {
  return b.usd - a.usd || b.in + b.out - (a.in + a.out) || byKey(a, b);
}
