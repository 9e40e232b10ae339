import path from "node:path";
import {
  GeneratedSampleSchema,
  type GenerationFailure,
  generateSamples,
  type NumberedSample,
  openJournal,
} from "@quire/evals";
import type { System } from "../system.ts";
import type { HumanEvalRequest } from "./humaneval-options.ts";
import { openModel } from "./open-model.ts";
import { startProgress } from "./progress.ts";
import type { SampleBenchmark } from "./sample-benchmark.ts";

/** Has the model write the samples that the run's folder does not hold yet. */
export async function writeSamples(
  request: HumanEvalRequest,
  { problems, answers }: SampleBenchmark,
  { system, home, stop }: { system: System; home: string; stop: AbortSignal },
): Promise<{ samples: NumberedSample[]; failures: GenerationFailure[] }> {
  const journal = openJournal(path.join(request.out ?? ".", "samples.jsonl"), GeneratedSampleSchema);
  const wanted = journal.before.filter(
    ({ task_id, completion_id }) => problems.has(task_id) && completion_id < request.n,
  );
  // What stands there twice is one sample, or estimates would be of more than there are.
  const samples = [
    ...new Map(wanted.map((row) => [`${row.completion_id} ${row.task_id}`, row] as const)).values(),
  ];
  const total = problems.size * request.n;
  try {
    if (samples.length >= total) return { samples, failures: [] };
    const { client, model, costOf } = await openModel(system, home, request.model);
    const progress = startProgress(system, "written", total);
    for (let i = 0; i < samples.length; i++) progress.skip();
    try {
      const failures = await generateSamples(problems.values(), {
        client,
        answers,
        model,
        effort: request.effort,
        n: request.n,
        workers: request.workers,
        signal: stop,
        monotonicMs: system.monotonicMs,
        costOf,
        known: [...samples],
        onSample: (sample) => {
          journal.append(sample);
          samples.push(sample);
          progress.step();
        },
      });
      return { samples, failures };
    } finally {
      progress.end();
      client.close();
    }
  } finally {
    journal.close();
  }
}
