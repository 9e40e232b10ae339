import type { TokenUsage } from "@quire/protocol";

/** What is known of one row of a run. */
export interface SpentRow {
  readonly passed: boolean;
  /** Undefined or null: nobody said. */
  readonly usage?: TokenUsage | null | undefined;
  readonly usd: number | null;
  readonly seconds: number;
  /** Kinds of work, in the words of the suite. */
  readonly tags?: readonly string[];
}

/** The rows of one kind of work. */
export interface TagSpending {
  readonly tag: string;
  readonly tasks: number;
  readonly passed: number;
  /** Sums; null where they are not known of every row. */
  readonly tokens: number | null;
  readonly usd: number | null;
  readonly seconds: number;
}

const TENTHS = 10;

/** What each kind of work took, in the order of their names. A row with two tags counts for both. */
export function spendingByTag(rows: readonly SpentRow[]): TagSpending[] {
  const tags = [...new Set(rows.flatMap((row) => row.tags ?? []))].sort();
  return tags.map((tag) => {
    const those = rows.filter((row) => row.tags?.includes(tag));
    return {
      tag,
      tasks: those.length,
      passed: those.filter(({ passed }) => passed).length,
      tokens: knownSum(those.map(tokensOf)),
      usd: knownSum(those.map(({ usd }) => usd)),
      seconds: those.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
}

/**
 * Mean tokens of each tenth of the rows, from the smallest to the largest: whether easy work is cheap shows there and not
 * in a sum. Null for fewer than ten rows whose tokens are known.
 */
export function tokenDeciles(rows: readonly Pick<SpentRow, "usage">[]): number[] | null {
  const sizes = rows.flatMap((row) => tokensOf(row) ?? []).sort((a, b) => a - b);
  if (sizes.length < TENTHS) return null;
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const from = Math.round((sizes.length * tenth) / TENTHS);
    const part = sizes.slice(from, Math.round((sizes.length * (tenth + 1)) / TENTHS));
    return Math.round(part.reduce((sum, size) => sum + size, 0) / part.length);
  });
}

function tokensOf({ usage }: Pick<SpentRow, "usage">): number | null {
  return usage ? usage.input_tokens + usage.output_tokens : null;
}

function knownSum(values: readonly (number | null)[]): number | null {
  return values.reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );
}
