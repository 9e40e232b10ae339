import fs from "node:fs";
import path from "node:path";
import { CodedError, isWithin } from "@quire/protocol";
import * as z from "zod/mini";
import { type ExerciseLanguage, LANGUAGES } from "./languages.ts";

/** One exercise of a clone: `LANGUAGE/exercises/practice/NAME`, as Exercism lays it out. */
export interface Exercise {
  /** `python/bowling`. */
  readonly id: string;
  readonly language: ExerciseLanguage;
  /** Absolute. */
  readonly folder: string;
  readonly instructions: string;
  /** Files to be written, relative. */
  readonly solution: readonly string[];
  /** Files that the agent does not get to see. */
  readonly tests: readonly string[];
  /** A known solution, in the order of `solution`; shorter where there is none. */
  readonly example: readonly string[];
}

/** Exercism's `.meta/config.json`, as far as it is needed. */
const MetaSchema = z.object({
  files: z.object({
    solution: z.array(z.string()),
    test: z.array(z.string()),
    example: z.optional(z.array(z.string())),
  }),
});

/** In this order, where they exist. */
const INSTRUCTIONS = ["introduction.md", "instructions.md", "instructions.append.md"];

/** The exercises of a clone of Aider-AI/polyglot-benchmark. Fails with `usage_invalid`, naming what is wrong. */
export function readExercises(clone: string): Exercise[] {
  const exercises = LANGUAGES.flatMap((language) => {
    const practice = path.resolve(clone, language.name, "exercises", "practice");
    return foldersIn(practice).map((name) => readExercise(language, path.join(practice, name)));
  });
  if (exercises.length > 0) return exercises;
  throw new CodedError("usage_invalid", `${clone} does not look like a clone of the polyglot benchmark`, {
    nextStep: "It holds folders like python/exercises/practice/; see github.com/Aider-AI/polyglot-benchmark.",
  });
}

function readExercise(language: ExerciseLanguage, folder: string): Exercise {
  const file = path.join(folder, ".meta", "config.json");
  const { files } = readMeta(file);
  for (const name of [...files.solution, ...files.test, ...(files.example ?? [])]) {
    if (!isWithin(path.resolve(folder, name), folder)) throw wrong(file, `${name} leads out of the exercise`);
  }
  const docs = INSTRUCTIONS.map((name) => path.join(folder, ".docs", name)).filter((doc) =>
    fs.existsSync(doc),
  );
  if (docs.length === 0) throw wrong(folder, "it has no .docs/instructions.md");
  return {
    id: `${language.name}/${path.basename(folder)}`,
    language,
    folder,
    instructions: docs.map((doc) => fs.readFileSync(doc, "utf8").trim()).join("\n\n"),
    solution: files.solution,
    tests: files.test,
    example: files.example ?? [],
  };
}

function readMeta(file: string): z.infer<typeof MetaSchema> {
  try {
    return MetaSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch (cause) {
    throw wrong(file, cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause));
  }
}

function foldersIn(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

function wrong(place: string, what: string): CodedError {
  return new CodedError("usage_invalid", `${place}: ${what}`);
}
