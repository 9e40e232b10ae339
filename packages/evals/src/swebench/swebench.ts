import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines, readTextFile } from "../json-lines/read-json-lines.ts";
import type { ScoredRow } from "../scoring/score.ts";

const InstanceSchema = z.object({
  instance_id: z.string().check(z.regex(/^[\w.-]+$/)),
  repo: z.string(),
  base_commit: z.string().check(z.regex(/^[0-9a-f]{7,64}$/)),
  problem_statement: z.string(),
});
/** What a prediction needs of a row of the data set. */
export type SwebenchInstance = z.infer<typeof InstanceSchema>;

/** One line of a predictions file as SWE-bench's own harness reads it. */
export const PredictionSchema = z.object({
  instance_id: z.string(),
  model_name_or_path: z.string(),
  model_patch: z.string(),
});

/** The instances of a file, a JSON line each. Fails with `usage_invalid`. */
export function readSwebenchInstances(file: string): SwebenchInstance[] {
  return readJsonLines(file, InstanceSchema, "instances of SWE-bench").map(({ value }) => value);
}

export type SwebenchPrediction = z.infer<typeof PredictionSchema>;

const names = z.array(z.string());
const ReportSchema = z.object({
  submitted_ids: z.optional(names),
  resolved_ids: names,
  unresolved_ids: z.optional(names),
  empty_patch_ids: z.optional(names),
  error_ids: z.optional(names),
});

/**
 * Results from the report that SWE-bench's harness writes (`MODEL.RUN.json`). It is imported, never made up: only that
 * harness decides what is resolved. Fails with `usage_invalid` for another file.
 */
export function readSwebenchReport(file: string): ScoredRow[] {
  const parsed = ReportSchema.safeParse(parseJson(readTextFile(file, "report")));
  if (!parsed.success) {
    throw new CodedError("usage_invalid", `${file} is not a report of SWE-bench's harness`, {
      nextStep: "Give the JSON file that swebench.harness.run_evaluation writes at its end.",
    });
  }
  const { resolved_ids, unresolved_ids, empty_patch_ids, error_ids, submitted_ids } = parsed.data;
  const rows = new Map<string, ScoredRow>();
  const add = (ids: readonly string[] | undefined, failure: string) => {
    for (const task_id of ids ?? []) rows.set(task_id, { task_id, passed: false, failure });
  };
  add(submitted_ids, "not evaluated");
  add(unresolved_ids, "unresolved");
  add(empty_patch_ids, "empty patch");
  add(error_ids, "error");
  for (const task_id of resolved_ids) rows.set(task_id, { task_id, passed: true });
  return [...rows.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}
