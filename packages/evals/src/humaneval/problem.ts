import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { type JsonLine, readJsonLines } from "../json-lines/read-json-lines.ts";

/**
 * A line of HumanEval's `HumanEval.jsonl.gz` (openai/human-eval), of HumanEval+ and of everything else in that format.
 * Other fields are passed over.
 */
export const ProblemSchema = z.object({
  task_id: z.string(),
  prompt: z.string(),
  test: z.string(),
  entry_point: z.string(),
  canonical_solution: z.optional(z.string()),
});
export interface Problem extends z.infer<typeof ProblemSchema> {
  /** What starts the tests, where it is not `check(entry_point)`. */
  readonly call?: string;
}

/** The problems of a file by id, in its order. Fails with `usage_invalid`, naming the line that is wrong. */
export function readProblems(file: string): ReadonlyMap<string, Problem> {
  return problemsById(file, readJsonLines(file, ProblemSchema, "problems in HumanEval's format"));
}

/** Problems by id. Two of the same id would be scored as one, so that fails with `usage_invalid`. */
export function problemsById(
  file: string,
  lines: readonly JsonLine<Problem>[],
): ReadonlyMap<string, Problem> {
  const problems = new Map<string, Problem>();
  const places = new Map<string, number>();
  for (const { value, line } of lines) {
    const earlier = places.get(value.task_id);
    if (earlier !== undefined) {
      const what = `${file}:${line} has the id of line ${earlier}: ${JSON.stringify(value.task_id)}`;
      throw new CodedError("usage_invalid", what, {
        nextStep: "Give every problem an id of its own, or remove one of the two lines.",
      });
    }
    places.set(value.task_id, line);
    problems.set(value.task_id, value);
  }
  return problems;
}

/** What the harness runs: the completed function, the tests, and the call that starts them. */
export function checkProgram(problem: Problem, completion: string): string {
  return `${problem.prompt}${completion}\n${problem.test}\n${problem.call ?? `check(${problem.entry_point})`}`;
}
