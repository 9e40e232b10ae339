export {
  type Agent,
  type AgentCommand,
  type AgentOutcome,
  type AgentSettings,
  type AgentTask,
  type AgentThread,
  openAgent,
} from "./agent/agent.ts";
export { type EditBytes, type RunEditBytes, runEditBytes } from "./editing/edit-bytes.ts";
export { type AnswerForm, PYTHON_ANSWERS } from "./humaneval/completion-text.ts";
export { type GenerateOptions, type GenerationFailure, generateSamples } from "./humaneval/generate.ts";
export {
  type JudgeSamplesOptions,
  judgeSamples,
  type SampleResult,
  SampleResultSchema,
} from "./humaneval/judge-samples.ts";
export { checkProgram, type Problem, readProblems } from "./humaneval/problem.ts";
export {
  type GeneratedSample,
  GeneratedSampleSchema,
  type NumberedSample,
  readSamples,
} from "./humaneval/sample.ts";
export { warmModules } from "./humaneval/warm-modules.ts";
export { type Journal, openJournal } from "./journal/journal.ts";
export { makeFolder } from "./journal/make-folder.ts";
export { writeFault } from "./journal/write-fault.ts";
export { type JudgePool, type JudgePoolOptions, openJudgePool, type Verdict } from "./judge/judge-pool.ts";
export { multiplAnswers } from "./multipl-e/answers.ts";
export { MULTIPL_LANGUAGES, type MultiplLanguage } from "./multipl-e/languages.ts";
export { multiplJudge, type SampleJudge } from "./multipl-e/multipl-judge.ts";
export { type MultiplProblems, readMultiplProblems } from "./multipl-e/read-problems.ts";
export { type Exercise, readExercises } from "./polyglot/exercise.ts";
export { LANGUAGES } from "./polyglot/languages.ts";
export {
  type ExerciseDeps,
  type ExerciseResult,
  ExerciseResultSchema,
  runExercise,
} from "./polyglot/run-exercise.ts";
export { findPython, type PythonInstallation } from "./python/find-python.ts";
export { type PythonCellOptions, pythonCell } from "./python/python-cell.ts";
export { type QuixProgram, readQuixBugs } from "./quixbugs/read-clone.ts";
export { type QuixDeps, type QuixResult, QuixResultSchema, runQuixProgram } from "./quixbugs/run-program.ts";
export { htmlReport } from "./report/html.ts";
export { costWords, markdownReport } from "./report/markdown.ts";
export {
  allNotes,
  type FailedRow,
  MOST_DETAIL,
  ownFigures,
  passedWords,
  percent,
  publishedTable,
  type RunReport,
  tagTable,
} from "./report/run-report.ts";
export { type Comparison, compareRuns } from "./scoring/compare.ts";
export { type ProblemCount, passAtK } from "./scoring/pass-at-k.ts";
export { readScoredRows } from "./scoring/read-scored-rows.ts";
export { type Estimate, type Score, type ScoredRow, score } from "./scoring/score.ts";
export { type SpentRow, spendingByTag, type TagSpending, tokenDeciles } from "./scoring/spending.ts";
export { explainDifference } from "./suite/explain-difference.ts";
export {
  runSuiteTask,
  type Substitute,
  type TaskDeps,
  type TaskResult,
  TaskResultSchema,
} from "./suite/run-task.ts";
export { readSuite, type SuiteTask } from "./suite/task.ts";
export { type PredictDeps, predictInstance } from "./swebench/predict.ts";
export {
  PredictionSchema,
  readSwebenchInstances,
  readSwebenchReport,
  type SwebenchInstance,
  type SwebenchPrediction,
} from "./swebench/swebench.ts";
