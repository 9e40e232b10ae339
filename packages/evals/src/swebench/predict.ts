import fs from "node:fs";
import path from "node:path";
import { findGit, runProcess } from "@quire/git";
import { CodedError } from "@quire/protocol";
import type { Agent } from "../agent/agent.ts";
import { scratchRepository } from "../agent/scratch-repository.ts";
import type { SwebenchInstance, SwebenchPrediction } from "./swebench.ts";

export interface PredictDeps {
  readonly agent: Agent;
  /** Holds clones of the repositories as `owner__name`. */
  readonly clones: string;
  readonly scratch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly seconds: number;
  /** What the predictions are signed with. */
  readonly model: string;
}

/** Lets the agent work on the repository as it was at an instance's commit; what it changed is the prediction. */
export async function predictInstance(
  instance: SwebenchInstance,
  deps: PredictDeps,
): Promise<SwebenchPrediction> {
  const checkout = fs.mkdtempSync(path.join(fs.realpathSync(deps.scratch), "quire-swebench-"));
  try {
    await extract(instance, checkout, deps);
    const repository = await scratchRepository(deps.scratch, { from: checkout }, deps.env);
    try {
      await deps.agent.run(
        { cwd: repository.folder, prompt: instance.problem_statement, seconds: deps.seconds },
        deps.signal,
      );
      const patch = await repository.diff();
      return { instance_id: instance.instance_id, model_name_or_path: deps.model, model_patch: patch };
    } finally {
      await repository.remove();
    }
  } finally {
    fs.rmSync(checkout, { recursive: true, force: true });
  }
}

/** The files of a commit, without the history that would give the answer away. */
async function extract(
  { repo, base_commit }: SwebenchInstance,
  folder: string,
  { clones, env }: PredictDeps,
): Promise<void> {
  const clone = path.join(clones, repo.replaceAll("/", "__"));
  const git = findGit(env.PATH, [folder]);
  if (git === undefined || !fs.existsSync(clone)) {
    throw new CodedError("usage_invalid", `there is no clone of ${repo} at ${clone}`, {
      nextStep: `Clone it there: git clone https://github.com/${repo} ${clone}`,
    });
  }
  const archive = path.join(folder, ".archive.tar");
  const run = (file: string, args: readonly string[]) =>
    runProcess({
      file,
      args,
      cwd: clone,
      env: { PATH: env.PATH ?? "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" },
      maxOutputBytes: 1_000_000,
      timeoutMs: 300_000,
    });
  const archived = await run(git, ["archive", "--format=tar", "-o", archive, base_commit]);
  const unpacked = archived.exitCode === 0 ? await run("/bin/tar", ["-xf", archive, "-C", folder]) : archived;
  fs.rmSync(archive, { force: true });
  if (unpacked.exitCode !== 0)
    throw new CodedError("usage_invalid", `${repo} at ${base_commit}: ${unpacked.stderr.trim()}`);
}
