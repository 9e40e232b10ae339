import fs from "node:fs";
import path from "node:path";
import { findGit, runProcess } from "@quire/git";
import { TokenUsageSchema } from "@quire/protocol";
import * as z from "zod/mini";
import type { Agent, AgentOutcome } from "../agent/agent.ts";
import { type ScratchRepository, scratchRepository } from "../agent/scratch-repository.ts";
import { type CheckDeps, runChecks } from "../checks/run-checks.ts";
import { EditBytesSchema, editBytes } from "../editing/edit-bytes.ts";
import type { SuiteTask } from "./task.ts";

/** Instead of the agent: the known solution, nothing, or the tests made to pass without doing the task. */
export type Substitute = "gold" | "null" | "cheat";

export const TaskResultSchema = z.object({
  task_id: z.string(),
  passed: z.boolean(),
  failure: z.nullable(z.string()),
  /** Guarded files that were changed. They were put back before the checks ran. */
  tampered: z.array(z.string()),
  /** Other files that were changed. */
  changed: z.array(z.string()),
  /** What the checks printed, the end of it. */
  output: z.string(),
  message: z.string(),
  seconds: z.number(),
  usage: z.nullable(TokenUsageSchema),
  usd: z.nullable(z.number()),
  /** Null when no model was asked; absent in rows of older versions. */
  edit_bytes: z.optional(z.nullable(EditBytesSchema)),
  tags: z.array(z.string()),
});
export type TaskResult = z.infer<typeof TaskResultSchema>;

export interface TaskDeps extends CheckDeps {
  /** Does the task, unless a substitute does. */
  readonly agent: Agent | Substitute;
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const MOST_TEXT = 4000;

/** Has a task done in a scratch copy, puts the tests back, and runs the checks there, confined. */
export async function runSuiteTask(task: SuiteTask, deps: TaskDeps): Promise<TaskResult> {
  const repository = await scratchRepository(deps.scratch, { from: task.repository }, deps.env);
  try {
    const outcome = await work(task, repository, deps);
    const all = repository.changedFiles();
    const edits = await editBytes(outcome.writtenBytes, repository);
    const tampered = all.filter((file) => isGuarded(task, file));
    restore(task, repository.folder, tampered);
    const checked = await runChecks(task.checks, repository.folder, task.checkSeconds, deps);
    const passed = checked.failed === null && tampered.length === 0;
    return {
      task_id: task.id,
      passed,
      failure: passed
        ? null
        : tampered.length > 0
          ? "changed the tests"
          : outcome.status === "completed"
            ? "checks failed"
            : outcome.status,
      tampered,
      changed: all.filter((file) => !tampered.includes(file)),
      output: checked.output.slice(-MOST_TEXT),
      message: outcome.message.slice(0, MOST_TEXT),
      seconds: outcome.seconds,
      usage: outcome.usage,
      usd: outcome.cost?.kind === "known" ? outcome.cost.usd : null,
      edit_bytes: edits,
      tags: [...task.tags],
    };
  } finally {
    await repository.remove();
  }
}

async function work(task: SuiteTask, { folder }: ScratchRepository, deps: TaskDeps): Promise<AgentOutcome> {
  const { agent } = deps;
  if (typeof agent !== "string") {
    return agent.run({ cwd: folder, prompt: task.prompt, seconds: task.seconds }, deps.signal);
  }
  const done = { status: "completed", usage: null, cost: null, seconds: 0, writtenBytes: null } as const;
  if (agent === "null") return { ...done, message: "nothing was done" };
  if (agent === "gold" && task.solution !== null) {
    const { failed, output } = await runChecks([task.solution], folder, task.seconds, deps);
    return { ...done, status: failed === null ? "completed" : "failed", message: output };
  }
  const patch = path.join(task.folder, `${agent}.patch`);
  const git = findGit(deps.env.PATH, [folder]);
  if (git === undefined || !fs.existsSync(patch))
    return { ...done, status: "failed", message: `there is no ${agent}.patch` };
  const result = await runProcess({
    file: git,
    args: ["apply", "--whitespace=nowarn", patch],
    cwd: folder,
    env: { PATH: deps.env.PATH ?? "", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
    maxOutputBytes: 1_000_000,
    timeoutMs: 60_000,
  });
  const applied = result.exitCode === 0;
  return {
    ...done,
    status: applied ? "completed" : "failed",
    message: applied ? `${agent}.patch` : result.stderr,
  };
}

/** A file that our tests overwrite counts only where the agent could see it: nobody can guess at the others. */
function isGuarded({ tests, guarded, repository }: SuiteTask, file: string): boolean {
  const [folder, ...rest] = file.split("/");
  const isTest = tests !== null && folder === "tests" && fs.existsSync(path.join(tests, ...rest));
  if (isTest && fs.existsSync(path.join(repository, file))) return true;
  return guarded.some((each) => (each.endsWith("/") ? file.startsWith(each) : file === each));
}

/** The agent's own tests elsewhere stay; what the checks read is ours again. */
function restore(task: SuiteTask, folder: string, tampered: readonly string[]): void {
  for (const file of tampered) {
    const target = path.join(folder, file);
    const original = path.join(task.repository, file);
    fs.rmSync(target, { recursive: true, force: true });
    if (!fs.existsSync(original)) continue;
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.cpSync(original, target, { verbatimSymlinks: true });
  }
  if (task.tests === null) return;
  const target = path.join(folder, "tests");
  // A link here would have the tests written somewhere else.
  if (fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) fs.rmSync(target);
  fs.cpSync(task.tests, target, { recursive: true, force: true });
}
