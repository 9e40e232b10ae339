import fs from "node:fs";
import path from "node:path";
import * as z from "zod/mini";
import type { Agent } from "../agent/agent.ts";
import { scratchRepository } from "../agent/scratch-repository.ts";
import { EditBytesSchema, editBytes } from "../editing/edit-bytes.ts";
import type { JudgePool } from "../judge/judge-pool.ts";
import { type Half, judgeProgram, REMAINDERS, type Remainder, visibleTestFile } from "./python-text.ts";
import type { QuixProgram } from "./read-clone.ts";

/** How the repair of one program went. */
export const QuixResultSchema = z.object({
  task_id: z.string(),
  /** The tests that the agent saw pass, and it changed nothing but the program. */
  plausible: z.boolean(),
  /** Plausible, and the tests that were kept back pass as well. */
  passed: z.boolean(),
  failure: z.nullable(z.string()),
  /** What the agent changed beside the program. */
  tampered: z.array(z.string()),
  seconds: z.number(),
  usd: z.nullable(z.number()),
  /** Absent in rows of older versions. */
  edit_bytes: z.optional(z.nullable(EditBytesSchema)),
  message: z.string(),
});
export type QuixResult = z.infer<typeof QuixResultSchema>;

export interface QuixDeps {
  readonly agent: Agent;
  readonly pool: JudgePool;
  /** Scratch repositories are made here. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** For the agent, per program. */
  readonly seconds: number;
}

/** Left to start the thread and to report. */
const SPARE_SECONDS = 5;
const JUDGE_SECONDS = 20;
/** For a look at whether the wrong program fails; one that does not end has failed. */
const LOOK_SECONDS = 5;
const MOST_MESSAGE = 2000;

/** Gives the agent a repository with the program and the visible tests, then judges what it made of the program. */
export async function runQuixProgram(program: QuixProgram, deps: QuixDeps): Promise<QuixResult> {
  const { name, source, nodeModule } = program;
  const file = `${name}.py`;
  const kept = await splitThatShowsTheBug(program, deps.pool);
  const repository = await scratchRepository(
    deps.scratch,
    {
      files: {
        [file]: source,
        [`test_${name}.py`]: visibleTestFile(program, kept),
        ...(nodeModule === undefined || program.tests.kind === "cases" ? {} : { "node.py": nodeModule }),
      },
    },
    deps.env,
  );
  try {
    const budget = Math.max(1, deps.seconds - SPARE_SECONDS);
    const outcome = await deps.agent.run(
      {
        cwd: repository.folder,
        prompt: `Fix the failing test. Take at most ${budget} seconds.`,
        seconds: deps.seconds,
      },
      deps.signal,
    );
    const changed = repository.changedFiles();
    const tampered = changed.filter((path) => path !== file);
    const repaired = changed.includes(file)
      ? fs.readFileSync(path.join(repository.folder, file), "utf8")
      : source;
    const judged = await judge(program, repaired, kept, deps.pool);
    return {
      task_id: name,
      plausible: judged.visible && tampered.length === 0,
      passed: judged.visible && judged.heldOut && tampered.length === 0,
      failure: failureOf(judged, tampered, changed, outcome.status),
      tampered,
      seconds: outcome.seconds,
      usd: outcome.cost?.kind === "known" ? outcome.cost.usd : null,
      edit_bytes: await editBytes(outcome.writtenBytes, repository),
      message: outcome.message.slice(0, MOST_MESSAGE),
    };
  } finally {
    await repository.remove();
  }
}

/** The agent can only repair what the tests it sees show: the split is moved on where they pass as it is. */
async function splitThatShowsTheBug(program: QuixProgram, pool: JudgePool): Promise<Remainder> {
  for (const kept of REMAINDERS) {
    const visible = judgeProgram(program, program.source, "visible", kept);
    if ((await pool.judge(visible, LOOK_SECONDS)).result !== "passed") return kept;
  }
  return REMAINDERS[0];
}

async function judge(
  program: QuixProgram,
  source: string,
  kept: Remainder,
  pool: JudgePool,
): Promise<{ visible: boolean; heldOut: boolean }> {
  const half = (which: Half) => passes(program, source, which, kept, pool);
  const [visible, heldOut] = await Promise.all([half("visible"), half("held-out")]);
  return { visible, heldOut };
}

async function passes(
  program: QuixProgram,
  source: string,
  half: Half,
  kept: Remainder,
  pool: JudgePool,
): Promise<boolean> {
  return (await pool.judge(judgeProgram(program, source, half, kept), JUDGE_SECONDS)).result === "passed";
}

function failureOf(
  { visible, heldOut }: { visible: boolean; heldOut: boolean },
  tampered: readonly string[],
  changed: readonly string[],
  status: string,
): string | null {
  if (tampered.length > 0) return "changed other files";
  if (visible) return heldOut ? null : "wrong on held-out tests";
  if (changed.length > 0) return "wrong repair";
  return status === "completed" ? "no repair found" : status;
}
