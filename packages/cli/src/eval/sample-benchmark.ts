import {
  type AnswerForm,
  checkProgram,
  findPython,
  multiplAnswers,
  multiplJudge,
  type NumberedSample,
  type Problem,
  PYTHON_ANSWERS,
  pythonCell,
  readMultiplProblems,
  readProblems,
  type SampleJudge,
  warmModules,
} from "@quire/evals";
import type { System } from "../system.ts";
import { wrongUse } from "./eval-options.ts";
import type { HumanEvalRequest } from "./humaneval-options.ts";

/** The benchmarks of samples, by the words that name them. */
export type SampleBenchmarkName = "humaneval" | "humaneval+" | "multipl-e";

/** A benchmark of samples as it was read from its file. */
export interface SampleBenchmark {
  /** Under which published figures stand. */
  readonly title: string;
  readonly problems: ReadonlyMap<string, Problem>;
  readonly answers: AnswerForm;
  /** Fails with `usage_invalid` where a program that it needs is missing. */
  readonly judgeOf: (samples: readonly NumberedSample[]) => Promise<SampleJudge>;
}

/** Reads the problems of `request.data`. Fails with `usage_invalid`, naming the line that is wrong. */
export function openSampleBenchmark(
  name: SampleBenchmarkName,
  request: HumanEvalRequest,
  system: System,
): SampleBenchmark {
  if (name === "multipl-e") {
    const { language, problems } = readMultiplProblems(request.data);
    const { memoryBytes, typescript } = request;
    if (typescript !== undefined && language.id !== "ts")
      throw wrongUse(name, `--typescript is for TypeScript, and ${request.data} is in ${language.title}`);
    return {
      title: `MultiPL-E (${language.title})`,
      problems,
      answers: multiplAnswers(language),
      judgeOf: () => multiplJudge(language, { node: system.self.file, memoryBytes, typescript }),
    };
  }
  const problems = readProblems(request.data);
  return {
    title: name === "humaneval" ? "HumanEval" : "HumanEval+",
    problems,
    answers: PYTHON_ANSWERS,
    judgeOf: (samples) => pythonJudge(samples, problems, request, system),
  };
}

async function pythonJudge(
  samples: readonly NumberedSample[],
  problems: ReadonlyMap<string, Problem>,
  { python, memoryBytes }: HumanEvalRequest,
  { env, arch }: System,
): Promise<SampleJudge> {
  const modules = warmModules(
    samples.map(({ task_id, completion }) => {
      const problem = problems.get(task_id);
      return problem === undefined ? completion : checkProgram(problem, completion);
    }),
    [...problems.values()].map(({ prompt, test }) => `${prompt}\n${test}`),
  );
  const cell = pythonCell({ python: await findPython(python, env), modules, memoryBytes, arch });
  return { cell, name: "", notes: [] };
}
