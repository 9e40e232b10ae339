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
export type Problem = z.infer<typeof ProblemSchema>;

/** The problems of a file by id, in its order. */
export function readProblems(file: string): Map<string, Problem> {
  const lines = readJsonLines(file, ProblemSchema, "problems in HumanEval's format");
  return new Map(lines.map(({ value }) => [value.task_id, value]));
}

/** What the harness runs: the completed function, the tests, and the call that starts them. */
export function checkProgram(problem: Problem, completion: string): string {
  return `${problem.prompt}${completion}\n${problem.test}\ncheck(${problem.entry_point})`;
}

const IMPORT = /^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)/gm;

/** What every program is likely to need and is slow to import. */
const ALWAYS = [
  "typing",
  "math",
  "re",
  "collections",
  "string",
  "functools",
  "itertools",
  "heapq",
  "bisect",
  "copy",
  "random",
  "hashlib",
  "datetime",
  "decimal",
  "fractions",
  "operator",
  "statistics",
  "threading",
  "inspect",
];

/** Modules worth importing once per worker. What a model wrote is not among them: only the problems' own imports. */
export function warmModules(problems: Iterable<Problem>): string[] {
  const modules = new Set(ALWAYS);
  for (const { prompt, test } of problems) {
    for (const match of `${prompt}\n${test}`.matchAll(IMPORT)) if (match[1]) modules.add(match[1]);
  }
  return [...modules];
}
