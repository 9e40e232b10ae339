import fs from "node:fs";
import path from "node:path";
import { parseToml } from "@quire/config";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { HARBOR_CHECK, harborPrompt, harborSolution } from "./harbor.ts";

/**
 * A task of a suite: a folder with `task.toml`, the repository in `repository/`, the checks' files in `tests/`, which
 * are laid over the repository before scoring, and the known solution as `gold.patch`. Folders of Harbor tasks that
 * need no image of their own are read as well: `instruction.md`, `environment/` and `tests/test.sh`.
 */
export interface SuiteTask {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly prompt: string;
  readonly tags: readonly string[];
  /** Absolute: copied for the agent. */
  readonly repository: string;
  /** Absolute; null where the checks live in the repository. */
  readonly tests: string | null;
  /** Commands that pass when the task is done; run in the repository by `bash -c`. */
  readonly checks: readonly string[];
  /** Paths in the repository that the agent must leave alone, beside the files of `tests`; folders end in a slash. */
  readonly guarded: readonly string[];
  /** A script that does the task, where that is no patch; run in the repository by `bash -c`, confined. */
  readonly solution: string | null;
  readonly seconds: number;
  readonly checkSeconds: number;
}

const TaskSchema = z.object({
  prompt: z.optional(z.string()),
  tags: z.optional(z.array(z.string())),
  checks: z.optional(z.array(z.string())),
  guarded: z.optional(z.array(z.string())),
  seconds: z.optional(z.number()),
  check_seconds: z.optional(z.number()),
  agent: z.optional(z.looseObject({ timeout_sec: z.optional(z.number()) })),
  verifier: z.optional(z.looseObject({ timeout_sec: z.optional(z.number()) })),
  environment: z.optional(z.looseObject({ docker_image: z.optional(z.string()) })),
});

const DEFAULT_SECONDS = 600;
const DEFAULT_CHECK_SECONDS = 120;

/** The tasks of a folder, or the one that the folder is. Fails with `usage_invalid`, naming the file that is wrong. */
export async function readSuite(folder: string): Promise<SuiteTask[]> {
  const root = path.resolve(folder);
  const folders = fs.existsSync(path.join(root, "task.toml"))
    ? [root]
    : foldersIn(root).filter((each) => fs.existsSync(path.join(each, "task.toml")));
  if (folders.length === 0) {
    throw new CodedError("usage_invalid", `${folder} holds no tasks`, {
      nextStep: "A task is a folder with task.toml and repository/; see docs/evals.md.",
    });
  }
  return Promise.all(folders.map(readTask));
}

async function readTask(folder: string): Promise<SuiteTask> {
  const file = path.join(folder, "task.toml");
  const toml = await parseToml(fs.readFileSync(file, "utf8"));
  if (!toml.ok) throw wrong(`${file}:${toml.line}`, toml.message);
  const parsed = TaskSchema.safeParse(toml.table);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join(".") ?? "it";
    throw wrong(
      file,
      issue?.code === "invalid_type" ? `${place} is not ${issue.expected}` : `${place} is wrong`,
    );
  }
  const { data } = parsed;
  const harbor = fs.existsSync(path.join(folder, "instruction.md"));
  const tests = path.join(folder, "tests");
  const prompt = harbor ? harborPrompt(folder) : data.prompt;
  const checks = data.checks ?? (harbor ? [HARBOR_CHECK] : []);
  if (prompt === undefined || prompt.trim() === "") throw wrong(file, "it has no prompt");
  if (checks.length === 0) throw wrong(file, "it has no checks");
  if (harbor) refuseImages(folder, data.environment?.docker_image);
  return {
    id: path.basename(folder),
    folder,
    prompt,
    tags: data.tags ?? [],
    repository: repositoryOf(folder, harbor),
    tests: fs.existsSync(tests) ? tests : null,
    checks,
    guarded: data.guarded ?? [],
    solution: harbor ? harborSolution(folder) : null,
    seconds: data.seconds ?? data.agent?.timeout_sec ?? DEFAULT_SECONDS,
    checkSeconds: data.check_seconds ?? data.verifier?.timeout_sec ?? DEFAULT_CHECK_SECONDS,
  };
}

/** A task whose files are only in an image cannot be done here, and must not count as failed. */
function refuseImages(folder: string, image: string | undefined): void {
  const dockerfile = path.join(folder, "environment", "Dockerfile");
  const steps = fs.existsSync(dockerfile) ? fs.readFileSync(dockerfile, "utf8") : "";
  const builds = /^\s*(?:RUN|ADD)\b/im.test(steps);
  if (image === undefined && !builds) return;
  throw wrong(folder, "its environment is made by an image", "Run it with Harbor and integrations/harbor.");
}

function repositoryOf(folder: string, harbor: boolean): string {
  const repository = path.join(folder, harbor ? "environment" : "repository");
  if (fs.existsSync(repository)) return repository;
  throw wrong(folder, `there is no ${path.basename(repository)}/`);
}

function foldersIn(root: string): string[] {
  try {
    return fs
      .readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(root, entry.name))
      .sort();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("usage_invalid", `the suite cannot be read: ${reason}`, { cause });
  }
}

function wrong(
  place: string,
  what: string,
  nextStep = "See docs/evals.md for what a task looks like.",
): CodedError {
  return new CodedError("usage_invalid", `${place}: ${what}`, { nextStep });
}
