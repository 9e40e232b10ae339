import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import type { Problem } from "../humaneval/problem.ts";
import { problemsById } from "../humaneval/problem.ts";
import { readJsonLines } from "../json-lines/read-json-lines.ts";
import { MULTIPL_LANGUAGES, type MultiplLanguage } from "./languages.ts";

/** A row of MultiPL-E (nuprl/MultiPL-E); others of its fields are passed over. */
const RowSchema = z.object({
  name: z.string(),
  language: z.string(),
  prompt: z.string(),
  tests: z.string(),
});

/** MultiPL-E's problems in one language. */
export interface MultiplProblems {
  readonly language: MultiplLanguage;
  /** By their rows' names. */
  readonly problems: ReadonlyMap<string, Problem>;
}

/** The rows of a file, which are in one language. Fails with `usage_invalid` for one that cannot be judged here. */
export function readMultiplProblems(file: string): MultiplProblems {
  const rows = readJsonLines(file, RowSchema, "rows of MultiPL-E");
  const language = MULTIPL_LANGUAGES.find(({ id }) => id === rows[0]?.value.language);
  for (const { value, line } of rows) {
    if (value.language !== language?.id) throw otherLanguage(`${file}:${line}`, value.language, language);
  }
  // Only a file without rows has no language by now, and that is refused before.
  if (language === undefined) throw new CodedError("usage_invalid", `${file} holds no rows`);
  const problems = problemsById(
    file,
    rows.map(({ value: { name, prompt, tests }, line }) => ({
      value: { task_id: name, prompt, test: tests, entry_point: entryPoint(prompt, language), call: "" },
      line,
    })),
  );
  return { language, problems };
}

function otherLanguage(place: string, id: string, first: MultiplLanguage | undefined): CodedError {
  const what =
    first === undefined
      ? `a language that is not judged here: ${JSON.stringify(id)}`
      : `${JSON.stringify(id)}, but the first row is in ${JSON.stringify(first.id)}`;
  return new CodedError("usage_invalid", `${place} is in ${what}`, {
    nextStep:
      first === undefined
        ? `There are: ${MULTIPL_LANGUAGES.map((each) => `${each.id} (${each.title})`).join(", ")}.`
        : "Give a file for each language.",
  });
}

/** The function that the prompt leaves open: the last one in it. */
function entryPoint(prompt: string, { definition }: MultiplLanguage): string {
  return [...prompt.matchAll(new RegExp(definition, `g${definition.flags}`))].at(-1)?.[1] ?? "";
}
