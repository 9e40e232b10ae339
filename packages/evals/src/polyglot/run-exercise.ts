import fs from "node:fs";
import path from "node:path";
import { addUsage, type TokenUsage, TokenUsageSchema } from "@quire/protocol";
import * as z from "zod/mini";
import type { Agent, AgentOutcome } from "../agent/agent.ts";
import { scratchRepository } from "../agent/scratch-repository.ts";
import { type CheckDeps, type Checked, runChecks } from "../checks/run-checks.ts";
import { type EditBytes, EditBytesSchema, editBytes } from "../editing/edit-bytes.ts";
import type { Exercise } from "./exercise.ts";

/** How an exercise went. */
export const ExerciseResultSchema = z.object({
  task_id: z.string(),
  /** One answer per try; a try after one that passed is not made. */
  tries: z.array(z.boolean()),
  passed: z.boolean(),
  failure: z.nullable(z.string()),
  /** What the tests printed last, the end of it. */
  output: z.string(),
  message: z.string(),
  seconds: z.number(),
  usage: z.nullable(TokenUsageSchema),
  usd: z.nullable(z.number()),
  /** Of both tries together; null when no model was asked, absent in rows of older versions. */
  edit_bytes: z.optional(z.nullable(EditBytesSchema)),
});
export type ExerciseResult = z.infer<typeof ExerciseResultSchema>;

export interface ExerciseDeps extends CheckDeps {
  /** Solves the exercise, unless the known solution (`gold`) or nothing (`null`) stands in for it. */
  readonly agent: Agent | "gold" | "null";
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the agent, per try. */
  readonly seconds: number;
  /** Runs the tests; `TESTS` stands for the test files. */
  readonly command: string;
  /** A folder of node_modules for the tests; undefined for none. */
  readonly modules: string | undefined;
}

const TRIES = 2;
const TEST_SECONDS = 180;
/** As much of a failure as Aider's benchmark shows. */
const LINES_SHOWN = 50;
const MOST_TEXT = 4000;
/** Never copied for the agent: the known solution and the benchmark's own notes. */
const HIDDEN = [".meta", ".docs"];

/**
 * Aider's protocol: a first try from the instructions alone; when the tests fail, a second one in the same thread, which
 * is shown what they printed. The tests themselves are never in the agent's folder.
 */
export async function runExercise(exercise: Exercise, deps: ExerciseDeps): Promise<ExerciseResult> {
  const { agent } = deps;
  const repository = await scratchRepository(deps.scratch, { files: visibleFiles(exercise) }, deps.env);
  const tries: boolean[] = [];
  const outcomes: AgentOutcome[] = [];
  let checked: Checked = { failed: null, output: "" };
  let edits: EditBytes | null = null;
  try {
    if (agent === "gold") layExample(exercise, repository.folder);
    const thread = typeof agent === "string" ? undefined : await agent.open(repository.folder);
    try {
      for (let round = 0; round < TRIES && tries.at(-1) !== true; round++) {
        if (thread !== undefined) {
          const prompt = round === 0 ? firstPrompt(exercise) : secondPrompt(exercise, checked.output);
          outcomes.push(await thread.turn(prompt, deps.seconds, deps.signal));
        } else if (round > 0) break;
        checked = await test(exercise, repository.folder, deps);
        tries.push(checked.failed === null);
      }
      edits = await editBytes(writtenIn(outcomes), repository);
    } finally {
      thread?.close();
    }
  } finally {
    await repository.remove();
  }
  return { ...resultOf(exercise, tries, outcomes, checked), edit_bytes: edits };
}

/** Null when no model was asked. */
function writtenIn(outcomes: readonly AgentOutcome[]): number | null {
  if (outcomes.length === 0) return null;
  return outcomes.reduce((sum, { writtenBytes }) => sum + (writtenBytes ?? 0), 0);
}

function resultOf(
  { id }: Exercise,
  tries: boolean[],
  outcomes: readonly AgentOutcome[],
  { output }: Checked,
): ExerciseResult {
  const passed = tries.at(-1) === true;
  const last = outcomes.at(-1);
  const usd = outcomes.map(({ cost }) => (cost?.kind === "known" ? cost.usd : null));
  return {
    task_id: id,
    tries,
    passed,
    failure: passed ? null : last === undefined || last.status === "completed" ? "tests failed" : last.status,
    output: output.slice(-MOST_TEXT),
    message: (last?.message ?? "").slice(0, MOST_TEXT),
    seconds: outcomes.reduce((sum, { seconds }) => sum + seconds, 0),
    usage: outcomes.reduce<TokenUsage | null>(
      (sum, { usage }) => (usage === null ? sum : sum === null ? usage : addUsage(sum, usage)),
      null,
    ),
    usd: usd.includes(null) ? null : usd.reduce<number>((sum, each) => sum + (each ?? 0), 0),
  };
}

function firstPrompt({ instructions, solution }: Exercise): string {
  return `${instructions}

Write the solution in: ${solution.join(", ")}. Keep the names of functions, classes and files that are there: tests that
you cannot see use them. Use nothing but the language's standard library.`;
}

function secondPrompt({ solution }: Exercise, output: string): string {
  return `${output.split("\n").slice(0, LINES_SHOWN).join("\n")}

That is what the tests print. The tests are right. Correct ${solution.join(", ")}.`;
}

/** The exercise without tests, documents and known solutions. */
function visibleFiles({ folder, tests }: Exercise): Record<string, string> {
  const files: Record<string, string> = {};
  const walk = (below: string): void => {
    for (const entry of fs.readdirSync(path.join(folder, below), { withFileTypes: true })) {
      const name = path.posix.join(below, entry.name);
      if (HIDDEN.includes(name) || tests.includes(name) || entry.name === "node_modules") continue;
      if (entry.isDirectory()) walk(name);
      else if (entry.isFile()) files[name] = fs.readFileSync(path.join(folder, name), "utf8");
    }
  };
  walk("");
  return files;
}

function layExample({ folder, example, solution }: Exercise, target: string): void {
  for (const [index, file] of solution.entries()) {
    const source = example[index];
    if (source !== undefined) fs.cpSync(path.join(folder, source), path.join(target, file));
  }
}

/** Runs the tests over the files of the solution, in a folder of their own: nothing else the agent left counts. */
async function test(exercise: Exercise, worked: string, deps: ExerciseDeps): Promise<Checked> {
  const { folder, solution, tests, language } = exercise;
  const bench = fs.mkdtempSync(path.join(fs.realpathSync(deps.scratch), "quire-polyglot-"));
  try {
    fs.cpSync(folder, bench, {
      recursive: true,
      filter: (source) => ![...HIDDEN, "node_modules"].includes(path.relative(folder, source)),
    });
    for (const file of solution) layFile(worked, bench, file);
    for (const file of tests) {
      const text = fs.readFileSync(path.join(folder, file), "utf8");
      fs.writeFileSync(path.join(bench, file), language.switchOn(text));
    }
    if (deps.modules !== undefined)
      fs.symlinkSync(path.resolve(deps.modules), path.join(bench, "node_modules"));
    const command = deps.command.replaceAll("TESTS", () => tests.map(quoted).join(" "));
    return await runChecks([command], bench, TEST_SECONDS, deps);
  } finally {
    fs.rmSync(bench, { recursive: true, force: true });
  }
}

/** The agent may have removed it, or put a link in its way, which could lead to any file of the machine. */
function layFile(worked: string, bench: string, file: string): void {
  const source = path.join(worked, file);
  const target = path.join(bench, file);
  fs.rmSync(target, { recursive: true, force: true });
  if (!fs.lstatSync(source, { throwIfNoEntry: false })?.isFile() || fs.realpathSync(source) !== source)
    return;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(source, target);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
