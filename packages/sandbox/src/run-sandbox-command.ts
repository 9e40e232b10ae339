import { constants } from "node:os";
import type { CommandSpec, SandboxNotice } from "./command.ts";
import { createSandbox } from "./create-sandbox.ts";
import type { SandboxDeps } from "./deps.ts";
import type { SandboxPolicy } from "./policy.ts";

export interface SandboxCommandRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Whether our standard input is a terminal the command may use. */
  readonly interactive: boolean;
  /** Ends the command: the caller aborts it when it receives a signal. */
  readonly signal?: AbortSignal;
}

/** `exitCode` is the command's; 128 + n after signal n; 3 when there is no sandbox; 126 when it could not start. */
export interface SandboxCommandResult {
  readonly exitCode: number;
  /** For the error stream, when the command did not run. */
  readonly problem?: string;
  readonly notices: readonly SandboxNotice[];
  /** What of its confinement does not hold here; empty in a mode that confines nothing. */
  readonly weaknesses: readonly string[];
}

/** Runs one command on our own standard streams under a policy, as the `sandbox` command does. */
export async function runSandboxCommand(
  policy: SandboxPolicy,
  request: SandboxCommandRequest,
  deps: SandboxDeps,
): Promise<SandboxCommandResult> {
  const sandbox = createSandbox(policy, deps);
  try {
    const spec: CommandSpec = {
      argv: request.argv,
      cwd: request.cwd,
      inherit: request.interactive ? "terminal" : "streams",
    };
    const outcome = await sandbox.start(spec, request.signal ? { signal: request.signal } : {});
    if (outcome.kind === "unavailable") {
      return {
        exitCode: 3,
        problem: `${outcome.reason.cause}\nTo fix it: ${outcome.reason.remedy}`,
        notices: [],
        weaknesses: [],
      };
    }
    const { backend, weaknesses: known } = sandbox.status;
    const weaknesses = backend === "none" ? [] : known;
    if (outcome.kind === "failed") {
      return { exitCode: 126, problem: outcome.message, notices: [], weaknesses };
    }
    const exit = await outcome.command.exited;
    const { notices } = exit;
    if (exit.kind === "failed") return { exitCode: 126, problem: exit.message, notices, weaknesses };
    const exitCode = exit.kind === "exited" ? exit.code : 128 + signalNumber(exit.signal);
    return { exitCode, notices, weaknesses };
  } finally {
    await sandbox.close();
  }
}

function signalNumber(name: string): number {
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
