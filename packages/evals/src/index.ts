export { type JudgeSamplesOptions, judgeSamples, type SampleResult } from "./humaneval/judge-samples.ts";
export { checkProgram, type Problem, readProblems } from "./humaneval/problem.ts";
export { type NumberedSample, readSamples, type Sample } from "./humaneval/sample.ts";
export { warmModules } from "./humaneval/warm-modules.ts";
export { findPython, type PythonInstallation } from "./python/find-python.ts";
export { type JudgePool, type JudgePoolOptions, openJudgePool } from "./python/judge-pool.ts";
export { meanPassAtK, type ProblemCount, passAtK } from "./scoring/pass-at-k.ts";
