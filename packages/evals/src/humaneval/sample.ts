import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines } from "../json-lines/read-json-lines.ts";
import type { Problem } from "./problem.ts";

/** A line of a samples file: what a model wrote behind the prompt. Other fields are kept out. */
export const SampleSchema = z.object({ task_id: z.string(), completion: z.string() });
export type Sample = z.infer<typeof SampleSchema>;

/** A sample and which one of its problem it is, from 0, in the order of the file. */
export interface NumberedSample extends Sample {
  readonly completionId: number;
}

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
    const completionId = counts.get(value.task_id) ?? 0;
    counts.set(value.task_id, completionId + 1);
    return { ...value, completionId };
  });
}
