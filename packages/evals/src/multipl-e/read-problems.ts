import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import type { Problem } from "../humaneval/problem.ts";
import { readJsonLines } from "../json-lines/read-json-lines.ts";

/** A row of MultiPL-E (nuprl/MultiPL-E); others of its fields are passed over. */
const RowSchema = z.object({
  name: z.string(),
  language: z.string(),
  prompt: z.string(),
  tests: z.string(),
});

/**
 * MultiPL-E's JavaScript rows as problems; the rows' names are their ids. Fails with `usage_invalid` for another
 * language: TypeScript would need a compiler, which is not part of this program.
 */
export function readMultiplProblems(file: string): Map<string, Problem> {
  const rows = readJsonLines(file, RowSchema, "rows of MultiPL-E");
  return new Map(
    rows.map(({ value: { name, language, prompt, tests }, line }) => {
      if (language !== "js") {
        throw new CodedError(
          "usage_invalid",
          `${file}:${line} is in ${JSON.stringify(language)}, not in js`,
          {
            nextStep: "Give MultiPL-E's rows for JavaScript (humaneval-js or mbpp-js).",
          },
        );
      }
      const entry = /function\s+([\w$]+)[^{]*\{\s*$/.exec(prompt)?.[1] ?? "";
      return [name, { task_id: name, prompt, test: tests, entry_point: entry, call: "" }];
    }),
  );
}
