import type { DoneChoice } from "./run-choices.ts";

/**
 * Of each run of `of` choices the `keep` whose tokens have the highest mean log probability, best first; where they are
 * equal, as they came. Choices without a token come last.
 */
export function likeliest(
  choices: readonly DoneChoice[],
  { of, keep }: { of: number; keep: number },
): readonly DoneChoice[] {
  if (of <= keep) return choices;
  const kept: DoneChoice[] = [];
  for (let at = 0; at < choices.length; at += of) {
    const group = choices.slice(at, at + of).map((choice) => ({ choice, mean: meanOf(choice) }));
    group.sort((one, other) => (other.mean === one.mean ? 0 : other.mean - one.mean));
    kept.push(...group.slice(0, keep).map(({ choice }) => choice));
  }
  return kept;
}

function meanOf({ tokens }: DoneChoice): number {
  if (tokens.length === 0) return Number.NEGATIVE_INFINITY;
  return tokens.reduce((sum, { logprob }) => sum + logprob, 0) / tokens.length;
}
