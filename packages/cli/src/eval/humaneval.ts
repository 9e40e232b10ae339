import { createHash } from "node:crypto";
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
  type RunReport,
  readSamples,
  type SampleJudge,
  type SampleResult,
  SampleResultSchema,
  score,
  tokenDeciles,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { exportPassed } from "./export-passed.ts";
import { type HumanEvalRequest, humanEvalHelp, parseHumanEval } from "./humaneval-options.ts";
import { startProgress } from "./progress.ts";
import { openRunFolder } from "./run-folder.ts";
import { openSampleBenchmark, type SampleBenchmark, type SampleBenchmarkName } from "./sample-benchmark.ts";
import { showRun, totalUsage, totalUsd } from "./show-run.ts";

/** `quire eval humaneval` and the other benchmarks of samples. */
export function humanEvalCommand(name: SampleBenchmarkName) {
  return async (argv: readonly string[], system: System): Promise<number> => {
    const request = parseHumanEval(name, argv);
    if (request === "help") return showHelp(humanEvalHelp(name), system);
    const home = await resolveHome(system.env, system.homeDir);
    const stop = new AbortController();
    const stopListening = system.onStop(() => stop.abort());
    try {
      return await measure(name, request, { system, home, stop: stop.signal });
    } catch (error) {
      // A stop ends what is under way in many ways: Ctrl-C reaches programs that were being asked something as well.
      throw stop.signal.aborted ? interrupted(request) : error;
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
  if (request.out !== undefined) openRunFolder(request.out, descriptionOf(name, request, problems));
  const started = system.monotonicMs();
  const { samples, failures } = await obtainSamples(request, benchmark, around);
  stop.throwIfAborted();
  const judge = await benchmark.judgeOf(samples);
  const results = await judgeAll(samples, judge, { request, benchmark, around });
  const run = {
    benchmark: title,
    unit: "samples" as const,
    model: modelOf(samples),
    date: new Date(system.now()).toISOString(),
    score: score(results, problems.size, request.ks),
    wallSeconds: (system.monotonicMs() - started) / 1000,
    ...spent(samples),
    failed: results.flatMap(({ passed, task_id, failure, result }) =>
      passed ? [] : [{ task: task_id, reason: failure ?? "", detail: result }],
    ),
    published: PUBLISHED_BENCHMARKS.filter((row) => row.benchmark === title),
    notes: [
      ...failureNotes(failures, request),
      ...missingNotes(results, problems),
      ...fewSamplesNotes(results, request),
      ...judge.notes,
    ],
  };
  showRun(run, results, request, system);
  if (request.exportFile !== undefined) {
    const count = exportPassed(request.exportFile, samples, results, problems);
    system.stderr.write(`exported: ${count} samples that passed, ${visibleLine(request.exportFile)}\n`);
  }
  return failures.length > 0 ? EXIT.failed : EXIT.done;
}

/** Judged samples may come from several files; what a model writes is one run's. */
function descriptionOf(
  benchmark: string,
  { samples, model, effort }: HumanEvalRequest,
  problems: SampleBenchmark["problems"],
) {
  const dataHash = createHash("sha256")
    .update(JSON.stringify([...problems.values()]))
    .digest("hex");
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
    pool = await openJudgePool({ ...judge, workers }, sandboxDeps(system, home));
    const opened = pool;
    stop.addEventListener("abort", () => void opened.close(), { once: true });
    // It may have been said while the workers started.
    stop.throwIfAborted();
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

function spent(
  samples: readonly NumberedSample[],
): Pick<RunReport, "usage" | "usd" | "byTag" | "editBytes" | "tokenDeciles"> {
  const generated = samples.filter(isGenerated);
  return {
    byTag: [],
    editBytes: null,
    tokenDeciles: tokenDeciles(generated),
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

/** Where OpenAI's harness refuses, a figure over fewer problems says that it is one. */
function missingNotes(results: readonly SampleResult[], problems: SampleBenchmark["problems"]): string[] {
  const attempted = new Set(results.map(({ task_id }) => task_id));
  const missing = [...problems.keys()].filter((id) => !attempted.has(id));
  const [first] = missing;
  if (first === undefined || attempted.size === 0) return [];
  return [
    `${missing.length} of ${problems.size} problems have no sample, the first is ${first}: the figures are over the other ${attempted.size} and compare with no published one.`,
  ];
}

/** A k that was asked for is not left out without a word. */
function fewSamplesNotes(results: readonly SampleResult[], { ks, ksGiven }: HumanEvalRequest): string[] {
  const counts = new Map<string, number>();
  for (const { task_id } of results) counts.set(task_id, (counts.get(task_id) ?? 0) + 1);
  const fewest = Math.min(...counts.values());
  const tooLarge = ks.filter((k) => k > fewest);
  if (!ksGiven || tooLarge.length === 0 || counts.size === 0) return [];
  const named = tooLarge.map((k) => `pass@${k}`).join(", ");
  return [`Not estimated: ${named}. That takes as many samples of every problem, and one has ${fewest}.`];
}

function interrupted({ out }: HumanEvalRequest): CodedError {
  const what = out === undefined ? "stopped before the end" : "stopped; what was done is kept";
  return new CodedError("interrupted", what, {
    nextStep: out === undefined ? "Run it again." : `Run the same command again to go on in ${out}.`,
  });
}
