import { seededRandom } from "./seeded-random.ts";

/** The middle 95 % of what the mean would have been, had the problems been drawn again. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const ROUNDS = 2000;
const SEED = 20210707;

/** Percentile bootstrap of the mean, over problems. Undefined for fewer than two of them. */
export function bootstrapInterval(values: readonly number[]): Interval | undefined {
  if (values.length < 2) return undefined;
  const random = seededRandom(SEED);
  const means = Array.from({ length: ROUNDS }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return { low: means[Math.floor(ROUNDS * 0.025)] ?? 0, high: means[Math.ceil(ROUNDS * 0.975) - 1] ?? 0 };
}
