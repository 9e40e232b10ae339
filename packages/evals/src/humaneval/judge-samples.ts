import { createHash } from "node:crypto";
import type { JudgePool } from "../python/judge-pool.ts";
import { checkProgram, type Problem } from "./problem.ts";
import type { NumberedSample } from "./sample.ts";

/** What became of one sample, with the names of OpenAI's results file. */
export interface SampleResult {
  readonly task_id: string;
  readonly completion_id: number;
  readonly passed: boolean;
  /** `passed`, `timed out` or `failed: …`. */
  readonly result: string;
}

export interface JudgeSamplesOptions {
  readonly timeoutSeconds: number;
  /** Judge equal programs once. */
  readonly dedupe: boolean;
  /** Called with every result as it comes. */
  readonly onResult: (result: SampleResult) => void;
}

/** Judges samples; the results come in their order, whichever was done first. */
export function judgeSamples(
  samples: readonly NumberedSample[],
  problems: ReadonlyMap<string, Problem>,
  pool: JudgePool,
  options: JudgeSamplesOptions,
): Promise<SampleResult[]> {
  const known = new Map<string, Promise<string>>();
  const verdict = (program: string): Promise<string> => {
    if (!options.dedupe) return pool.judge(program, options.timeoutSeconds);
    const key = createHash("sha256").update(program).digest("base64");
    const given = known.get(key) ?? pool.judge(program, options.timeoutSeconds);
    known.set(key, given);
    return given;
  };
  return Promise.all(
    samples.map(async ({ task_id, completion, completionId }) => {
      const problem = problems.get(task_id);
      if (problem === undefined) throw new RangeError(`no problem ${task_id}: samples are read against them`);
      const result = await verdict(checkProgram(problem, completion));
      const row = { task_id, completion_id: completionId, passed: result === "passed", result };
      options.onResult(row);
      return row;
    }),
  );
}
