import { baseEnvironment, hardenedArguments } from "./hardening.ts";
import { failure, type GitOutcome, ok } from "./outcome.ts";
import { type RunProcess, runProcess } from "./run-process.ts";

export interface CloneRequest {
  /** Absolute; from `findGit`. */
  readonly gitProgram: string;
  /** An `https://` or `ssh://` address, `git@host:path`, or the absolute path of a repository on this machine. */
  readonly source: string;
  /** A branch or tag; null takes what HEAD is there. */
  readonly ref: string | null;
  /** Is made; must not exist. */
  readonly folder: string;
  /** Only HOME and XDG_CONFIG_HOME are taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly run?: RunProcess;
}

const TIMEOUT_MS = 120_000;
const PROTOCOLS = "https:ssh:file";

/**
 * Fetches the newest state of a repository, without its history, and resolves to the commit. No configuration but ours
 * is read, so no hook, filter or credential helper runs and submodules stay out.
 */
export async function cloneRepository(request: CloneRequest): Promise<GitOutcome<string>> {
  const { source, ref, folder } = request;
  if (source.startsWith("-") || ref?.startsWith("-"))
    return failure("git-failed", `${source} is no repository`);
  const clone = await git(request, [
    "clone",
    "--quiet",
    "--depth=1",
    "--single-branch",
    "--no-tags",
    "--no-local",
    "--template=",
    ...(ref === null ? [] : [`--branch=${ref}`]),
    "--",
    source,
    folder,
  ]);
  if (clone.kind === "failed") return clone;
  const head = await git(request, ["-C", folder, "rev-parse", "--verify", "HEAD"]);
  return head.kind === "failed" ? head : ok(head.value.trim());
}

async function git(request: CloneRequest, args: readonly string[]): Promise<GitOutcome<string>> {
  const opened = PROTOCOLS.split(":").flatMap((name) => ["-c", `protocol.${name}.allow=always`]);
  const [noPager = "", ...hardened] = hardenedArguments(args);
  const command = hardened.slice(0, hardened.length - args.length);
  const result = await (request.run ?? runProcess)({
    file: request.gitProgram,
    args: [noPager, ...command, ...opened, "-c", "core.sshCommand=ssh -oBatchMode=yes", ...args],
    cwd: "/",
    env: {
      ...withoutSsh(baseEnvironment(request)),
      GIT_ALLOW_PROTOCOL: PROTOCOLS,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_CONFIG_GLOBAL: "/dev/null",
    },
    maxOutputBytes: 1024 * 1024,
    timeoutMs: TIMEOUT_MS,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  if (result.exitCode === 0) return ok(result.stdout.toString("utf8"));
  const why = result.ended ?? (result.stderr.trim().split("\n").at(-1) || "it gave no reason");
  return failure("git-failed", `git could not fetch ${request.source}: ${why}`);
}

function withoutSsh({ GIT_SSH_COMMAND: _, ...rest }: Record<string, string>): Record<string, string> {
  return rest;
}
