import fs from "node:fs";
import path from "node:path";
import { resolveHome } from "@quire/config";
import {
  checkProgram,
  findPython,
  type GeneratedSample,
  type GenerationFailure,
  type JudgePool,
  judgeSamples,
  type NumberedSample,
  nodeCell,
  openJournal,
  openJudgePool,
  type Problem,
  pythonCell,
  readMultiplProblems,
  readProblems,
  readSamples,
  type SampleResult,
  SampleResultSchema,
  score,
  warmModules,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import { addUsage, CodedError, type TokenUsage } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { type HumanEvalRequest, humanEvalHelp, type Language, parseHumanEval } from "./humaneval-options.ts";
import { startProgress } from "./progress.ts";
import { showRun, totalUsd } from "./show-run.ts";

/** `quire eval humaneval`, and others in its format: `title` names the published figures to show beside. */
export function humanEvalCommand(name: string, title: string, language: Language = "python") {
  return async (argv: readonly string[], system: System): Promise<number> => {
    const request = parseHumanEval(name, argv, language);
    if (request === "help") {
      system.stdout.write(humanEvalHelp(name));
      return EXIT.done;
    }
    const home = await resolveHome(system.env, system.homeDir);
    const problems = language === "python" ? readProblems(request.data) : readMultiplProblems(request.data);
    if (request.out !== undefined) makeFolder(request.out);
    const started = system.monotonicMs();
    const stop = new AbortController();
    const stopListening = system.onStop(() => stop.abort());
    try {
      const { samples, failures } = await obtainSamples(request, problems, {
        system,
        home,
        stop: stop.signal,
      });
      if (stop.signal.aborted) throw interrupted(request);
      const results = await judge(request, { samples, problems }, { system, home, stop: stop.signal });
      showRun(
        {
          benchmark: title,
          model: modelOf(samples),
          date: new Date(system.now()).toISOString(),
          score: score(results, problems.size, request.ks),
          wallSeconds: (system.monotonicMs() - started) / 1000,
          ...spent(samples),
          failed: results
            .filter(({ passed }) => !passed)
            .map(({ task_id, failure, result }) => ({
              task: task_id,
              reason: failure ?? "",
              detail: result,
            })),
          published: PUBLISHED_BENCHMARKS.filter(({ benchmark }) => benchmark === title),
          notes: notes(failures, request),
        },
        results,
        request,
        system,
      );
      return failures.length > 0 ? EXIT.failed : EXIT.done;
    } finally {
      stopListening();
    }
  };
}

interface Surroundings {
  readonly system: System;
  readonly home: string;
  readonly stop: AbortSignal;
}

async function obtainSamples(
  request: HumanEvalRequest,
  problems: ReadonlyMap<string, Problem>,
  around: Surroundings,
): Promise<{ samples: NumberedSample[]; failures: GenerationFailure[] }> {
  if (request.samples !== undefined) return { samples: readSamples(request.samples, problems), failures: [] };
  const { writeSamples } = await import("./write-samples.ts");
  return writeSamples(request, problems, around);
}

async function judge(
  request: HumanEvalRequest,
  { samples, problems }: { samples: NumberedSample[]; problems: ReadonlyMap<string, Problem> },
  { system, home, stop }: Surroundings,
): Promise<SampleResult[]> {
  if (samples.length === 0) return [];
  const journal =
    request.out === undefined
      ? undefined
      : openJournal(path.join(request.out, "results.jsonl"), SampleResultSchema);
  const progress = startProgress(system, "judged", samples.length, 0);
  let pool: JudgePool | undefined;
  try {
    pool = await openJudgePool(
      {
        workers: Math.min(request.workers, samples.length),
        cell: await cellFor(request, { samples, problems }, system),
      },
      sandboxDeps(system, home),
    );
    const opened = pool;
    stop.addEventListener("abort", () => void opened.close(), { once: true });
    return await judgeSamples(samples, problems, pool, {
      ...request,
      known: journal?.before ?? [],
      onResult: (result) => {
        journal?.append(result);
        progress.step();
      },
    });
  } finally {
    progress.end();
    journal?.close();
    await pool?.close();
  }
}

async function cellFor(
  { python, memoryBytes, language }: HumanEvalRequest,
  { samples, problems }: { samples: NumberedSample[]; problems: ReadonlyMap<string, Problem> },
  system: System,
) {
  if (language === "javascript") return nodeCell(system.self.file, memoryBytes);
  const modules = warmModules(
    samples.map(({ task_id, completion }) => programOf(problems, task_id, completion)),
    [...problems.values()].map(({ prompt, test }) => `${prompt}\n${test}`),
  );
  return pythonCell({
    python: await findPython(python, system.env),
    modules,
    memoryBytes,
    arch: system.arch,
  });
}

function programOf(problems: ReadonlyMap<string, Problem>, task: string, completion: string): string {
  const problem = problems.get(task);
  return problem === undefined ? completion : checkProgram(problem, completion);
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("directory_unusable", `${folder} cannot be made: ${reason}`, { cause });
  }
}

function modelOf(samples: readonly NumberedSample[]): string | null {
  const models = new Set(samples.flatMap((sample) => (isGenerated(sample) ? [sample.model] : [])));
  return models.size === 0 ? null : [...models].join(", ");
}

function isGenerated(sample: NumberedSample): sample is GeneratedSample {
  return "model" in sample;
}

function spent(samples: readonly NumberedSample[]): { usage: TokenUsage | null; usd: number | null } {
  const generated = samples.filter(isGenerated);
  const usages = generated.flatMap(({ usage }) => (usage === null ? [] : [usage]));
  const [first, ...rest] = usages;
  return {
    usage: first === undefined ? null : rest.reduce(addUsage, first),
    usd: generated.length === 0 ? null : totalUsd(generated),
  };
}

function notes(failures: readonly GenerationFailure[], { out }: HumanEvalRequest): string[] {
  const [first] = failures;
  if (first === undefined) return [];
  return [
    `${failures.length} requests failed, the first for ${first.task_id}: ${first.error.message} [${first.error.code}]. Run the same command again to go on${out === undefined ? "" : ` in ${out}`}.`,
  ];
}

function interrupted({ out }: HumanEvalRequest): CodedError {
  return new CodedError("interrupted", "stopped; what was done is kept", {
    nextStep: out === undefined ? "Run it again." : `Run the same command again to go on in ${out}.`,
  });
}
