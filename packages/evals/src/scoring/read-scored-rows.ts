import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines, readTextFile } from "../json-lines/read-json-lines.ts";
import type { ScoredRow } from "./score.ts";

const RowSchema = z.object({
  task_id: z.string(),
  passed: z.boolean(),
  failure: z.optional(z.nullable(z.string())),
});
const RunSchema = z.object({ results: z.array(RowSchema) });

/** Rows of a results file, OpenAI's or ours, or of one JSON object with `results`. Fails with `usage_invalid`. */
export function readScoredRows(file: string): ScoredRow[] {
  const whole = RunSchema.safeParse(parseJson(readTextFile(file, "results")));
  const rows: ScoredRow[] = whole.success
    ? whole.data.results
    : readJsonLines(file, RowSchema, "results ({task_id, passed})").map(({ value }) => value);
  if (rows.length === 0) throw new CodedError("usage_invalid", `${file} holds no results`);
  return rows;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // More than one line: a results file.
    return undefined;
  }
}
