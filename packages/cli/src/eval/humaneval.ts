import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { resolveHome } from "@quire/config";
import {
  type GeneratedSample,
  type GenerationFailure,
  type JudgePool,
  judgeSamples,
  type NumberedSample,
  openJournal,
  openJudgePool,
  readSamples,
  type SampleJudge,
  type SampleResult,
  SampleResultSchema,
  score,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import { CodedError, type TokenUsage } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { type HumanEvalRequest, humanEvalHelp, parseHumanEval } from "./humaneval-options.ts";
import { startProgress } from "./progress.ts";
import { openRunFolder } from "./run-folder.ts";
import { openSampleBenchmark, type SampleBenchmark, type SampleBenchmarkName } from "./sample-benchmark.ts";
import { showRun, totalUsage, totalUsd } from "./show-run.ts";

/** `quire eval humaneval` and the other benchmarks of samples. */
export function humanEvalCommand(name: SampleBenchmarkName) {
  return async (argv: readonly string[], system: System): Promise<number> => {
    const request = parseHumanEval(name, argv);
    if (request === "help") {
      system.stdout.write(humanEvalHelp(name));
      return EXIT.done;
    }
    const home = await resolveHome(system.env, system.homeDir);
    const stop = new AbortController();
    const stopListening = system.onStop(() => stop.abort());
    try {
      return await measure(name, request, { system, home, stop: stop.signal });
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

/** Generate, run, score. */
async function measure(
  name: SampleBenchmarkName,
  request: HumanEvalRequest,
  around: Surroundings,
): Promise<number> {
  const { system, stop } = around;
  const benchmark = openSampleBenchmark(name, request, system);
  const { title, problems } = benchmark;
  if (request.out !== undefined) openRunFolder(request.out, descriptionOf(name, request));
  const started = system.monotonicMs();
  const { samples, failures } = await obtainSamples(request, benchmark, around);
  if (stop.aborted) throw interrupted(request);
  const judge = await benchmark.judgeOf(samples);
  const results = await judgeAll(samples, judge, { request, benchmark, around });
  const run = {
    benchmark: title,
    model: modelOf(samples),
    date: new Date(system.now()).toISOString(),
    score: score(results, problems.size, request.ks),
    wallSeconds: (system.monotonicMs() - started) / 1000,
    ...spent(samples),
    failed: results.flatMap(({ passed, task_id, failure, result }) =>
      passed ? [] : [{ task: task_id, reason: failure ?? "", detail: result }],
    ),
    published: PUBLISHED_BENCHMARKS.filter((row) => row.benchmark === title),
    notes: [...failureNotes(failures, request), ...judge.notes],
  };
  showRun(run, results, request, system);
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** Judged samples may come from several files; what a model writes is one run's. */
function descriptionOf(benchmark: string, { data, samples, model, effort }: HumanEvalRequest) {
  const dataHash = createHash("sha256").update(fs.readFileSync(data)).digest("hex");
  const judged = { benchmark, "data set (sha256)": dataHash };
  return samples === undefined ? { ...judged, model: model ?? null, effort: effort ?? null } : judged;
}

async function obtainSamples(
  request: HumanEvalRequest,
  benchmark: SampleBenchmark,
  around: Surroundings,
): Promise<{ samples: NumberedSample[]; failures: GenerationFailure[] }> {
  if (request.samples !== undefined)
    return { samples: readSamples(request.samples, benchmark.problems), failures: [] };
  const { writeSamples } = await import("./write-samples.ts");
  return writeSamples(request, benchmark, around);
}

interface Judging {
  readonly request: HumanEvalRequest;
  readonly benchmark: SampleBenchmark;
  readonly around: Surroundings;
}

async function judgeAll(
  samples: readonly NumberedSample[],
  judge: SampleJudge,
  { request, benchmark, around: { system, home, stop } }: Judging,
): Promise<SampleResult[]> {
  if (samples.length === 0) return [];
  const journal =
    request.out === undefined
      ? undefined
      : openJournal(path.join(request.out, "results.jsonl"), SampleResultSchema);
  const progress = startProgress(system, "judged", samples.length);
  let pool: JudgePool | undefined;
  try {
    const workers = Math.min(request.workers, samples.length);
    pool = await openJudgePool({ workers, cell: judge.cell }, sandboxDeps(system, home));
    const opened = pool;
    stop.addEventListener("abort", () => void opened.close(), { once: true });
    // It may have been said while the workers started.
    if (stop.aborted) throw interrupted(request);
    return await judgeSamples(samples, benchmark.problems, pool, {
      ...request,
      judge: judge.name,
      known: journal?.before ?? [],
      onKnown: () => progress.skip(),
      onResult: (result) => {
        journal?.append(result);
        progress.step();
      },
    });
  } catch (error) {
    throw stop.aborted ? interrupted(request) : error;
  } finally {
    progress.end();
    journal?.close();
    await pool?.close();
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
  return {
    usage: totalUsage(generated),
    usd: generated.length === 0 ? null : totalUsd(generated),
  };
}

function failureNotes(failures: readonly GenerationFailure[], { out }: HumanEvalRequest): string[] {
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
