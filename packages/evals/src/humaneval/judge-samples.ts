import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { JudgePool, Verdict } from "../judge/judge-pool.ts";
import { checkProgram, type Problem } from "./problem.ts";
import type { NumberedSample } from "./sample.ts";

/** What became of one sample, with the names of OpenAI's results file and two of ours. */
export const SampleResultSchema = z.object({
  task_id: z.string(),
  /** Which one of its problem, from 0. */
  completion_id: z.number(),
  passed: z.boolean(),
  /** `passed`, `timed out` or `failed: …`. */
  result: z.string(),
  /** The kind of failure in a word or two; null for one that passed. */
  failure: z.nullable(z.string()),
  /** Of the program, the time limit and the judge: a result counts again only for the very same. */
  key: z.string(),
});
export type SampleResult = z.infer<typeof SampleResultSchema>;

export interface JudgeSamplesOptions {
  readonly timeoutSeconds: number;
  /** What tells one way of judging from another; empty for the usual one. */
  readonly judge: string;
  /** Judge equal programs once. */
  readonly dedupe: boolean;
  /** Results of an earlier run, which are not judged again. */
  readonly known: readonly SampleResult[];
  /** Called for each of those that counts again. */
  readonly onKnown: () => void;
  /** Called with every new result as it comes. */
  readonly onResult: (result: SampleResult) => void;
}

/** Judges samples; the results come in their order, whichever was done first. */
export function judgeSamples(
  samples: readonly NumberedSample[],
  problems: ReadonlyMap<string, Problem>,
  pool: JudgePool,
  options: JudgeSamplesOptions,
): Promise<SampleResult[]> {
  const known = new Map(options.known.map((result) => [placeOf(result), result]));
  const verdicts = new Map<string, Promise<Verdict>>();
  const judge = (program: string, key: string): Promise<Verdict> => {
    if (!options.dedupe) return pool.judge(program, options.timeoutSeconds);
    const verdict = verdicts.get(key) ?? pool.judge(program, options.timeoutSeconds);
    verdicts.set(key, verdict);
    return verdict;
  };
  return Promise.all(
    samples.map(async ({ task_id, completion, completion_id }) => {
      const problem = problems.get(task_id);
      if (problem === undefined) throw new RangeError(`no problem ${task_id}: samples are read against them`);
      const program = checkProgram(problem, completion);
      const key = keyOf(program, options);
      const earlier = known.get(placeOf({ task_id, completion_id }));
      if (earlier?.key === key) {
        options.onKnown();
        return earlier;
      }
      const { result, failure } = await judge(program, key);
      const row = { task_id, completion_id, passed: result === "passed", result, failure, key };
      options.onResult(row);
      return row;
    }),
  );
}

function placeOf(row: Pick<SampleResult, "task_id" | "completion_id">): string {
  return `${row.completion_id} ${row.task_id}`;
}

function keyOf(program: string, { timeoutSeconds, judge }: JudgeSamplesOptions): string {
  const way = judge === "" ? `${timeoutSeconds}` : `${timeoutSeconds} ${judge}`;
  return createHash("sha256").update(`${way}\n${program}`).digest("base64url").slice(0, 22);
}
