import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines, readTextFile } from "../json-lines/read-json-lines.ts";
import type { ScoredRow } from "./score.ts";

const RowSchema = z.object({
  task_id: z.string(),
  passed: z.boolean(),
  failure: z.optional(z.nullable(z.string())),
  completion_id: z.optional(z.number()),
});
const RunSchema = z.object({ results: z.array(RowSchema) });

/**
 * Rows of a results file, OpenAI's or ours, or of one JSON object with `results`. Of a sample that was judged again, after it
 * or the time limit was changed, the last row counts. Fails with `usage_invalid`.
 */
export function readScoredRows(file: string): ScoredRow[] {
  const whole = RunSchema.safeParse(parseJson(readTextFile(file, "results")));
  const rows = whole.success
    ? whole.data.results
    : readJsonLines(file, RowSchema, "results ({task_id, passed})").map(({ value }) => value);
  if (rows.length === 0) throw new CodedError("usage_invalid", `${file} holds no results`);
  const samples = new Map<string, ScoredRow>();
  for (const [index, row] of rows.entries()) {
    const { task_id, completion_id } = row;
    samples.set(JSON.stringify([task_id, completion_id ?? `row ${index}`]), row);
  }
  return [...samples.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // More than one line: a results file.
    return undefined;
  }
}
