import { constants } from "node:os";
import { CodedError } from "@quire/protocol";
import type { CommandExecParams, CommandExecResponse } from "@quire/protocol/app-server";
import type { RunningCommand } from "@quire/sandbox";
import { openSandbox, requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import { type EngineBase, threadConfig } from "./thread-config.ts";

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
const DEFAULT_CAP_BYTES = 1024 * 1024;
const MAX_CAP_BYTES = 16 * 1024 * 1024;

/** Runs a client's command in the sandbox that the configuration, or the request, names, and waits for its end. */
export async function execCommand(
  base: EngineBase,
  params: CommandExecParams,
  signal: AbortSignal,
): Promise<CommandExecResponse> {
  const { system, home } = base;
  const { sandboxPolicy, cwd, env } = params;
  const sets = sandboxPolicy == null ? [] : [{ sandboxPolicy }];
  const { loaded, workspace } = await threadConfig(base, cwd ?? system.cwd, sets);
  const deps = sandboxDeps(system, home);
  await requireSandbox(workspace.sandboxMode, deps);
  const sandbox = openSandbox(workspace, loaded.config, workspace.sandboxMode, deps);
  const timeout = AbortSignal.timeout(Math.min(params.timeoutMs ?? DEFAULT_TIMEOUT_MS, 2 ** 31 - 1));
  try {
    const outcome = await sandbox.start(
      { ...withEnvironment(params.command, env ?? {}), cwd: workspace.cwd },
      { signal: AbortSignal.any([signal, timeout]) },
    );
    if (outcome.kind === "unavailable") {
      throw new CodedError("sandbox_unavailable", outcome.reason.cause, { nextStep: outcome.reason.remedy });
    }
    if (outcome.kind === "failed") throw new CodedError("command_start_failed", outcome.message);
    return await ended(outcome.command, Math.min(params.outputBytesCap ?? DEFAULT_CAP_BYTES, MAX_CAP_BYTES));
  } finally {
    await sandbox.close();
  }
}

/** What takes a variable away is `env`, inside of the sandbox; what adds one is the sandbox itself. */
function withEnvironment(command: readonly string[], env: Readonly<Record<string, string | null>>) {
  const unset = Object.keys(env).filter((name) => env[name] === null);
  const added = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== null);
  const argv = unset.length === 0 ? command : ["env", ...unset.flatMap((name) => ["-u", name]), ...command];
  return { argv, env: Object.fromEntries(added) };
}

async function ended(command: RunningCommand, cap: number): Promise<CommandExecResponse> {
  const kept = { stdout: new CappedOutput(cap), stderr: new CappedOutput(cap) };
  command.onOutput((chunk, stream) => kept[stream === "stderr" ? "stderr" : "stdout"].push(chunk));
  const exit = await command.exited;
  if (exit.kind === "failed") throw new CodedError("command_start_failed", exit.message);
  const exitCode = exit.kind === "exited" ? exit.code : 128 + signalNumber(exit.signal);
  return { exitCode, stdout: kept.stdout.text(), stderr: kept.stderr.text() };
}

/** The beginning of an output; what comes behind it is read and thrown away. */
class CappedOutput {
  readonly #chunks: Buffer[] = [];
  #room: number;

  constructor(cap: number) {
    this.#room = cap;
  }

  push(chunk: Buffer): void {
    const part = chunk.subarray(0, this.#room);
    this.#room -= part.length;
    if (part.length > 0) this.#chunks.push(part);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}

function signalNumber(name: string): number {
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
