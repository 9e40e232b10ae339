import { hardenedArguments } from "./hardening.ts";
import { failure, type GitOutcome, ok } from "./outcome.ts";
import type { ProcessResult, RunProcess } from "./run-process.ts";

/** Bounds and cancellation of one operation; it may take several git commands, each with the full time. */
export interface GitOptions {
  readonly signal?: AbortSignal;
  /** Per git command; 30 seconds unless given. */
  readonly timeoutMs?: number;
  /** Of standard output per git command; 32 MiB unless given. */
  readonly maxOutputBytes?: number;
}

/** One git command line, without the hardening. */
export interface GitCall extends GitOptions {
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Beside or over the hardened environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are an answer; 0 unless given. */
  readonly accepts?: readonly number[];
  /** Whether output beyond the bound is cut off instead of being a failure. */
  readonly cut?: boolean;
}

export interface GitAnswer {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** Whether output was cut off. */
  readonly truncated: boolean;
}

/** Runs git commands on one repository. */
export type RunGit = (call: GitCall) => Promise<GitOutcome<GitAnswer>>;

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_OUTPUT_BYTES = 32 * 1024 * 1024;
const LONGEST_ERROR_TEXT = 500;

export interface GitPlace {
  readonly gitProgram: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly run: RunProcess;
}

/** A runner for `place`. It never rejects. */
export function gitRunner(place: GitPlace): RunGit {
  return async (call) => {
    const what = `git ${call.args[0] ?? ""} in ${place.cwd}`;
    let result: ProcessResult;
    try {
      result = await place.run({
        file: place.gitProgram,
        args: hardenedArguments(call.args),
        cwd: place.cwd,
        env: { ...place.env, ...call.env },
        maxOutputBytes: call.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
        timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
        ...(call.signal ? { signal: call.signal } : {}),
      });
    } catch (error) {
      return failure("start-failed", `${what} did not start (${place.gitProgram}): ${String(error)}`);
    }
    if (result.ended === "output-too-large" && call.cut) {
      return ok({ exitCode: 0, stdout: result.stdout, truncated: true });
    }
    if (result.ended === "timed-out") {
      return failure("timed-out", `${what} took too long and was ended; allow it more time or ask for less`);
    }
    if (result.ended === "interrupted") return failure("interrupted", `${what} was interrupted`);
    if (result.ended === "output-too-large") {
      return failure("output-too-large", `${what} wrote more than fits; ask for fewer paths`);
    }
    const { exitCode, stdout } = result;
    if (exitCode !== null && (call.accepts ?? [0]).includes(exitCode)) {
      return ok({ exitCode, stdout, truncated: false });
    }
    const said = result.stderr.trim().slice(0, LONGEST_ERROR_TEXT) || `exit code ${exitCode ?? "none"}`;
    return failure("git-failed", `${what} failed: ${said}`);
  };
}
