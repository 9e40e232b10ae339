import { CodedError, TokenUsageSchema } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines } from "../json-lines/read-json-lines.ts";
import type { Problem } from "./problem.ts";

/** A line of a samples file: what a model wrote behind the prompt. Fields of other programs are passed over. */
const SampleSchema = z.object({ task_id: z.string(), completion: z.string() });

/** A sample and which one of its problem it is, from 0. */
export interface NumberedSample {
  readonly task_id: string;
  readonly completion: string;
  readonly completion_id: number;
}

/** A line of a samples file of ours: it says what it took to get it. */
export const GeneratedSampleSchema = z.object({
  task_id: z.string(),
  completion: z.string(),
  completion_id: z.number(),
  model: z.string(),
  usage: z.nullable(TokenUsageSchema),
  /** Null: no price of the model is known. */
  usd: z.nullable(z.number()),
  seconds: z.number(),
});
export type GeneratedSample = z.infer<typeof GeneratedSampleSchema>;

/** The samples of a file. Fails with `usage_invalid` when one is for a problem that is not there. */
export function readSamples(file: string, problems: ReadonlyMap<string, Problem>): NumberedSample[] {
  const counts = new Map<string, number>();
  return readJsonLines(file, SampleSchema, "samples ({task_id, completion})").map(({ value, line }) => {
    if (!problems.has(value.task_id)) {
      throw new CodedError(
        "usage_invalid",
        `${file}:${line} is for ${JSON.stringify(value.task_id)}, which is not among the problems`,
        { nextStep: "Give the data set the samples were made for with --data." },
      );
    }
    const completion_id = counts.get(value.task_id) ?? 0;
    counts.set(value.task_id, completion_id + 1);
    return { task_id: value.task_id, completion: value.completion, completion_id };
  });
}
