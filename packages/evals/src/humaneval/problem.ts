import * as z from "zod/mini";
import { readJsonLines } from "../json-lines/read-json-lines.ts";

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

/** The problems of a file by id, in its order. */
export function readProblems(file: string): Map<string, Problem> {
  const lines = readJsonLines(file, ProblemSchema, "problems in HumanEval's format");
  return new Map(lines.map(({ value }) => [value.task_id, value]));
}

/** What the harness runs: the completed function, the tests, and the call that starts them. */
export function checkProgram(problem: Problem, completion: string): string {
  return `${problem.prompt}${completion}\n${problem.test}\n${problem.call ?? `check(${problem.entry_point})`}`;
}
