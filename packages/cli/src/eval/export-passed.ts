import fs from "node:fs";
import { type NumberedSample, type SampleResult, writeFault } from "@quire/evals";
import type { SampleBenchmark } from "./sample-benchmark.ts";

/**
 * Writes the samples that passed, each once, as lines `{"task_id", "prompt", "completion"}`: what a model may be tuned on.
 * Gives their number. Fails with `storage_full` or `directory_unusable`.
 */
export function exportPassed(
  file: string,
  samples: readonly NumberedSample[],
  results: readonly SampleResult[],
  problems: SampleBenchmark["problems"],
): number {
  const lines = new Set<string>();
  for (const [index, { task_id, completion }] of samples.entries()) {
    const prompt = problems.get(task_id)?.prompt;
    if (results[index]?.passed === true) lines.add(`${JSON.stringify({ task_id, prompt, completion })}\n`);
  }
  try {
    fs.writeFileSync(file, [...lines].join(""));
  } catch (cause) {
    throw writeFault(file, cause);
  }
  return lines.size;
}
